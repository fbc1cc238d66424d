/// What the samples of a metric are, in the words of who exposes it.
public struct MetricMetadata: Sendable, Hashable {
    /// Raw values are the numbers of remote write.
    public enum Kind: UInt8, Sendable, CaseIterable {
        case unknown = 0
        case counter = 1
        case gauge = 2
        case histogram = 3
        case gaugeHistogram = 4
        case summary = 5
        case info = 6
        case stateSet = 7

        /// The name in Prometheus' API and expositions.
        public var name: String {
            switch self {
            case .gaugeHistogram: "gaugehistogram"
            case .stateSet: "stateset"
            default: String(describing: self)
            }
        }
    }

    /// The metric family, not empty; that of a histogram is without `_bucket`, `_sum` and `_count`.
    public var name: String
    public var kind: Kind
    public var help: String
    public var unit: String

    /// Bytes of a name, a help text or a unit.
    public static let maximumTextSize = 1024

    public init(name: String, kind: Kind, help: String = "", unit: String = "") {
        self.name = name
        self.kind = kind
        self.help = help
        self.unit = unit
    }

    /// Whether there is a name and no text is too long.
    public var isStorable: Bool {
        !name.isEmpty
            && [name, help, unit].allSatisfy { $0.utf8.count <= Self.maximumTextSize }
    }

    /// What the series of a family may add to its name.
    public static let seriesSuffixes = [
        "", "_bucket", "_count", "_sum", "_total", "_created", "_info", "_gcount", "_gsum",
    ]
}

/// Metadata with the last time that a sender repeated it.
public struct SeenMetadata: Sendable, Hashable {
    public var metadata: MetricMetadata
    /// Milliseconds since the Unix epoch.
    public var lastSeen: Int64

    public init(_ metadata: MetricMetadata, lastSeen: Int64) {
        self.metadata = metadata
        self.lastSeen = lastSeen
    }
}
