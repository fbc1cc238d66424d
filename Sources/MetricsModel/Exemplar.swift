/// One event that a sample counts: its labels, most often the trace that it belongs to, its value and its time.
///
/// Equal are exemplars with the same labels, time and bits of the value.
public struct Exemplar: Sendable, Hashable {
    /// Not empty; names and values together have at most ``maximumLabelLength`` characters.
    public var labels: Labels
    /// Milliseconds since the Unix epoch.
    public var timestamp: Int64
    public var value: Double

    /// UTF-8 characters that the names and values of an exemplar's labels may have together (OpenMetrics 1.0,
    /// "Exemplars").
    public static let maximumLabelLength = 128
    /// Bytes that no key of such labels exceeds: 512 of text, and less than 8 beside each of at most 64 labels.
    public static let maximumKeySize = 1024

    public init(labels: Labels, timestamp: Int64, value: Double) {
        self.labels = labels
        self.timestamp = timestamp
        self.value = value
    }

    /// Whether the labels are neither missing nor too long.
    public var isStorable: Bool {
        !labels.isEmpty && labels.key.count <= Self.maximumKeySize
            && Self.length(of: labels) <= Self.maximumLabelLength
    }

    /// UTF-8 characters of all names and values; a byte that begins none counts with the one before.
    public static func length(of labels: Labels) -> Int {
        var length = 0
        labels.visitLabels { name, value in
            for byte in name where byte & 0xc0 != 0x80 { length += 1 }
            for byte in value where byte & 0xc0 != 0x80 { length += 1 }
        }
        return length
    }

    public static func == (left: Exemplar, right: Exemplar) -> Bool {
        left.timestamp == right.timestamp && left.value.bitPattern == right.value.bitPattern
            && left.labels == right.labels
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(timestamp)
        hasher.combine(value.bitPattern)
        hasher.combine(labels)
    }
}

extension Exemplar: Comparable {
    /// The order of a series' exemplars: by time, then value, then labels.
    public static func < (left: Exemplar, right: Exemplar) -> Bool {
        if left.timestamp != right.timestamp { return left.timestamp < right.timestamp }
        if left.value.bitPattern != right.value.bitPattern {
            return left.value.isTotallyOrdered(belowOrEqualTo: right.value)
        }
        return left.labels < right.labels
    }
}

extension Exemplar {
    /// The exemplars of one series that several places hold, each once, in order.
    public static func merge(_ lists: some Sequence<[Exemplar]>) -> [Exemplar] {
        let filled = lists.filter { !$0.isEmpty }
        guard let first = filled.first else { return [] }
        var merged = filled.count == 1 ? first : Array(filled.joined())
        if zip(merged, merged.dropFirst()).contains(where: { !($0 < $1) }) {
            merged.sort()
            var kept: [Exemplar] = []
            kept.reserveCapacity(merged.count)
            for exemplar in merged where kept.last != exemplar { kept.append(exemplar) }
            merged = kept
        }
        return merged
    }
}
