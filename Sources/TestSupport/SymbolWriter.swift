/// Writes remote-write 2.0 requests by hand: series whose texts are numbers of symbols.
public struct SymbolWriter: Sendable {
    /// One sample; a start of 0 is not written.
    public typealias StartedSample = (time: Int64, value: Double, start: Int64)

    private var numbers: [String: UInt64] = [:]
    private var symbols = WireWriter()
    private var series = WireWriter()

    public init() { _ = number(of: "") }

    /// The number of a text, which becomes a symbol where it is none yet.
    public mutating func number(of text: String) -> UInt64 {
        if let number = numbers[text] { return number }
        let number = UInt64(numbers.count)
        numbers[text] = number
        symbols.message(4, Array(text.utf8))
        return number
    }

    /// Numbers of labels, names and values in turn.
    public mutating func numbers(of labels: [(String, String)]) -> [UInt64] {
        labels.flatMap { name, value in [number(of: name), number(of: value)] }
    }

    /// Adds a series whose fields the body writes behind its labels.
    public mutating func series(
        _ labels: [(String, String)],
        _ write: (inout WireWriter) -> Void
    ) {
        let references = numbers(of: labels)
        series.message(5) { series in
            series.references(1, references)
            write(&series)
        }
    }

    /// Adds a series of floats.
    public mutating func series(_ labels: [(String, String)], _ samples: [StartedSample]) {
        series(labels) { series in
            for sample in samples { series.started(sample.time, sample.value, sample.start) }
        }
    }

    /// Adds a series with metadata.
    public mutating func series(
        _ labels: [(String, String)],
        _ samples: [StartedSample],
        kind: UInt64,
        help: String,
        unit: String = ""
    ) {
        let (help, unit) = (number(of: help), number(of: unit))
        series(labels) { series in
            for sample in samples { series.started(sample.time, sample.value, sample.start) }
            series.seriesMetadata(kind: kind, help: help, unit: unit)
        }
    }

    /// Symbols first, as senders write them.
    public var bytes: [UInt8] { symbols.bytes + series.bytes }

    /// Series first: as good a message.
    public var bytesWithSymbolsLast: [UInt8] { series.bytes + symbols.bytes }

    /// The bytes as a snappy block.
    public var compressed: [UInt8] { WireWriter(bytes).compressed }
}

/// Fields of remote write 2.0.
extension WireWriter {
    /// Packed numbers.
    public mutating func references(_ field: Int, _ numbers: [UInt64]) {
        var packed = WireWriter()
        for number in numbers { packed.varint(number) }
        message(field, packed.bytes)
    }

    /// A sample with a start, which is left out where it is 0.
    public mutating func started(_ timestamp: Int64, _ value: Double, _ start: Int64) {
        message(2) { sample in
            sample.double(1, value)
            sample.number(2, UInt64(bitPattern: timestamp))
            if start != 0 { sample.number(3, UInt64(bitPattern: start)) }
        }
    }

    /// An integer histogram with one positive bucket, of schema 0, as a field of a series.
    public mutating func startedHistogram(_ timestamp: Int64, count: UInt64, start: Int64 = 0) {
        message(3) { histogram in
            histogram.number(1, count)
            histogram.double(3, Double(count))
            histogram.span(11, 0, 1)
            histogram.deltas(12, [Int64(count)])
            histogram.number(15, UInt64(bitPattern: timestamp))
            if start != 0 { histogram.number(17, UInt64(bitPattern: start)) }
        }
    }

    /// An exemplar whose labels are numbers.
    public mutating func exemplar(references: [UInt64], _ timestamp: Int64, _ value: Double) {
        message(4) { exemplar in
            exemplar.references(1, references)
            exemplar.double(2, value)
            exemplar.number(3, UInt64(bitPattern: timestamp))
        }
    }

    /// Metadata of a series; zeros are left out.
    public mutating func seriesMetadata(kind: UInt64, help: UInt64 = 0, unit: UInt64 = 0) {
        message(5) { metadata in
            if kind != 0 { metadata.number(1, kind) }
            if help != 0 { metadata.number(3, help) }
            if unit != 0 { metadata.number(4, unit) }
        }
    }
}
