/// The names and values that queries are made of; they are those of ``DataSetGenerator``.
enum Vocabulary {
    /// Counters that rise from high values and fall to at most half: extrapolation never meets zero.
    static let counters = ["requests_total", "irregular_total", "latency_seconds_bucket"]
    static let gauges = ["temperature", "memory_bytes", "short_lived"]
    static let oddGauge = "odd_values"
    static let buckets = "latency_seconds_bucket"
    static let information = "target_info"

    static let metrics = counters + gauges + [oddGauge, information, "absent_metric"]
    static let labels = ["job", "instance", "code", "zone", "le", "kind", "version"]
    static let values: [String: [String]] = [
        "job": ["api", "web"],
        "instance": ["a:1", "b:2"],
        "code": ["200", "500"],
        "zone": ["north", "south"],
        "le": ["0.1", "0.5", "1", "5", "+Inf"],
        "kind": ["nan", "inf", "zero", "mixed"],
        "version": ["1.0", "2.0"],
    ]
    static let expressions = [
        ".*", ".+", "", "a.*", "api|web", "[a-w]+", "(?i:API)", "north|s.*", "5..", "[0-9.]+",
        "(a|b):[12]", "x|", "1|5|\\\\+Inf", "na.|inf", "[^a]+",
    ]
}
