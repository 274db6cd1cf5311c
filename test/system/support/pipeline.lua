-- Distributed under the Boost Software License, Version 1.0.
-- Makes wrk send its requests 16 at a time.
init = function(args)
  local depth = tonumber(args[1]) or 16
  local batch = {}
  for i = 1, depth do batch[i] = wrk.format() end
  all = table.concat(batch)
end

request = function() return all end
