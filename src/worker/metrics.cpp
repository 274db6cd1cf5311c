// Distributed under the Boost Software License, Version 1.0.
// The metrics of a worker's plugin: figures in memory that the master sees, written by the plugin itself.
#include "worker/metrics.hpp"

#include "epollhost/text.hpp"
#include "base/log.hpp"

#include <string.h>

#include <algorithm>

namespace epollhost {

static_assert(metrics_max == EH_METRICS_MAX);
static_assert(sizeof(metric_label::name) == EH_METRIC_NAME_MAX && sizeof(metric_label::help) == EH_METRIC_HELP_MAX);

namespace {

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// What the plugin wrote, read no further than a text may go: one that is too long is `most` bytes.
std::string_view text_of(const char* text, std::size_t most) {
  return {text ? text : "", text ? ::strnlen(text, most) : 0};
}

const char* name_of(std::uint32_t kind) { return kind == EH_METRIC_COUNTER ? "a counter" : "a gauge"; }

} // namespace

bool is_metric_kind(std::uint32_t kind) { return kind == EH_METRIC_COUNTER || kind == EH_METRIC_GAUGE; }

bool is_metric_name(std::string_view name) {
  return !name.empty() && name.size() < EH_METRIC_NAME_MAX && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '_'; });
}

bool is_metric_help(std::string_view help) {
  return !help.empty() && help.size() < EH_METRIC_HELP_MAX && is_visible(help);
}

eh_status metrics::define(std::uint32_t kind, const char* name, const char* help, std::uint64_t** cell) {
  if (!may_define_) return EH_UNSUPPORTED;
  const std::string_view called = text_of(name, EH_METRIC_NAME_MAX), says = text_of(help, EH_METRIC_HELP_MAX);
  const auto refuse = [&](std::string_view why) {
    log::error(who_, "the metric \"{}\" is refused: {}", called, why);
    return EH_INVALID;
  };
  if (!is_metric_name(called))
    return refuse(fmt::format("expected a lower-case letter, then such letters, digits and '_', {} bytes at most",
                              EH_METRIC_NAME_MAX - 1));
  if (!is_metric_kind(kind))
    return refuse(fmt::format("its kind is {}, expected EH_METRIC_COUNTER (1) or EH_METRIC_GAUGE (2)", kind));
  if (!is_metric_help(says))
    return refuse(fmt::format("its help has {} bytes, expected 1 to {}, none of them a control character", says.size(),
                              EH_METRIC_HELP_MAX - 1));
  if (!cell) return refuse("there is no pointer for its cell");
  return add(kind, called, says, cell);
}

eh_status metrics::add(std::uint32_t kind, std::string_view name, std::string_view help, std::uint64_t** cell) {
  const auto end = cells_.labels.begin() + count_;
  const auto known = std::find_if(cells_.labels.begin(), end, [&](const metric_label& l) { return l.name == name; });
  const auto at = static_cast<std::size_t>(known - cells_.labels.begin());
  if (known != end && known->kind != kind) {
    log::error(who_, "the metric \"{}\" is refused: it is {} and {}; give one of them another name", name,
               name_of(known->kind), name_of(kind));
    return EH_INVALID;
  }
  if (at == metrics_max) {
    log::error(who_, "the metric \"{}\" is refused: the plugin has {} others, and cannot have more", name, metrics_max);
    return EH_OVER_LIMIT;
  }
  if (known == end) {
    metric_label& l = cells_.labels[at];
    l.kind = kind;
    l.name[name.copy(l.name, sizeof l.name - 1)] = '\0';
    l.help[help.copy(l.help, sizeof l.help - 1)] = '\0';
    cells_.count.store(++count_, std::memory_order_release);
  }
  *cell = &cells_.values[at];
  return EH_OK;
}

} // namespace epollhost
