#include "engram_re2.h"

#include <re2/re2.h>

#include <map>
#include <string>
#include <vector>

struct engram_re2 {
    RE2 re;
    engram_re2(const re2::StringPiece &pattern, const RE2::Options &options) : re(pattern, options) {}
};

extern "C" {

engram_re2 *engram_re2_new(const char *pattern, size_t size, int64_t max_memory) {
    RE2::Options options;
    options.set_dot_nl(true);
    options.set_log_errors(false);
    options.set_max_mem(max_memory);
    return new engram_re2(re2::StringPiece(pattern, size), options);
}

void engram_re2_free(engram_re2 *re) { delete re; }

int engram_re2_error_code(const engram_re2 *re) { return re->re.error_code(); }

const char *engram_re2_error(const engram_re2 *re) { return re->re.error().c_str(); }

const char *engram_re2_error_argument(const engram_re2 *re, size_t *size) {
    *size = re->re.error_arg().size();
    return re->re.error_arg().data();
}

bool engram_re2_full_match(const engram_re2 *re, const char *text, size_t size) {
    return re->re.Match(re2::StringPiece(text, size), 0, size, RE2::ANCHOR_BOTH, nullptr, 0);
}

int engram_re2_group_count(const engram_re2 *re) { return re->re.NumberOfCapturingGroups(); }

int engram_re2_named_group(const engram_re2 *re, const char *name, size_t size) {
    const std::map<std::string, int> &groups = re->re.NamedCapturingGroups();
    auto found = groups.find(std::string(name, size));
    return found == groups.end() ? -1 : found->second;
}

bool engram_re2_captures(const engram_re2 *re, const char *text, size_t size, int64_t *bounds, int count) {
    std::vector<re2::StringPiece> groups(count);
    re2::StringPiece whole(text, size);
    if (!re->re.Match(whole, 0, size, RE2::ANCHOR_BOTH, groups.data(), count)) return false;
    for (int i = 0; i < count; i++) {
        bool present = groups[i].data() != nullptr;
        bounds[2 * i] = present ? groups[i].data() - text : -1;
        bounds[2 * i + 1] = present ? groups[i].data() - text + (int64_t)groups[i].size() : -1;
    }
    return true;
}
}
