/// The values a column's encoding cannot hold, as runs of one bit pattern each.
///
/// In bytes: count of runs as varint, then for each run the distance of its start from the end of
/// the one before, its length less one (both varints), and a kind byte; kind 0 is followed by the
/// eight bytes of the value.
struct ValueExceptions {
    private var runs: [Run] = []
    /// How many values the runs cover.
    private(set) var count = 0

    var isEmpty: Bool { runs.isEmpty }

    mutating func removeAll() {
        guard !runs.isEmpty else { return }
        runs.removeAll(keepingCapacity: true)
        count = 0
    }

    /// Adds a value; indexes come in ascending order.
    mutating func append(index: Int, bits: UInt64) {
        count &+= 1
        if let last = runs.last, last.end == index, last.bits == bits {
            runs[runs.count &- 1].length &+= 1
        } else {
            runs.append(Run(start: index, length: 1, bits: bits))
        }
    }

    func encode(into out: inout [UInt8]) {
        out.appendVarint(UInt64(runs.count))
        var end = 0
        for run in runs {
            out.appendVarint(UInt64(run.start &- end))
            out.appendVarint(UInt64(run.length &- 1))
            let kind = Kind.allCases.first { $0 != .other && $0.bits == run.bits } ?? .other
            out.append(kind.rawValue)
            if kind == .other { out.appendFixed64(run.bits) }
            end = run.end
        }
    }

    /// Reads the runs and puts their values over `count` decoded ones.
    static func apply(
        _ reader: inout ColumnReader,
        count: Int,
        to out: UnsafeMutablePointer<Double>
    ) throws(ChunkError) {
        let offset = reader.offset
        let runCount = try reader.varint()
        guard runCount <= UInt64(count) else {
            throw .invalidField(.runCount, found: runCount, offset: offset)
        }
        var end = 0
        for _ in 0..<runCount {
            let field = reader.offset
            let distance = try reader.varint()
            guard distance < UInt64(count &- end) else {
                throw .invalidField(.runStart, found: distance, offset: field)
            }
            let start = end &+ Int(distance)
            let lengthField = reader.offset
            let length = try reader.varint()
            guard length < UInt64(count &- start) else {
                throw .invalidField(.runLength, found: length, offset: lengthField)
            }
            let value = Double(bitPattern: try bits(&reader))
            (out + start).update(repeating: value, count: Int(length) &+ 1)
            end = start &+ Int(length) &+ 1
        }
    }

    private static func bits(_ reader: inout ColumnReader) throws(ChunkError) -> UInt64 {
        let offset = reader.offset
        let byte = try reader.byte()
        guard let kind = Kind(rawValue: byte) else {
            throw .invalidField(.exceptionKind, found: UInt64(byte), offset: offset)
        }
        return kind == .other ? try reader.fixed64() : kind.bits
    }

    private struct Run {
        let start: Int
        var length: Int
        let bits: UInt64

        var end: Int { start &+ length }
    }

    /// Bit patterns common enough to be named by a byte.
    private enum Kind: UInt8, CaseIterable {
        case other = 0
        /// Prometheus' mark for "this series stopped".
        case staleMarker = 1
        /// The NaN that Prometheus and Go's `math.NaN` write.
        case normalNaN = 2
        case positiveInfinity = 3
        case negativeInfinity = 4
        case negativeZero = 5
        /// The NaN that x86 arithmetic produces, such as 0/0.
        case arithmeticNaN = 6

        var bits: UInt64 {
            switch self {
            case .other: 0
            case .staleMarker: 0x7FF0_0000_0000_0002
            case .normalNaN: 0x7FF8_0000_0000_0001
            case .positiveInfinity: 0x7FF0_0000_0000_0000
            case .negativeInfinity: 0xFFF0_0000_0000_0000
            case .negativeZero: 0x8000_0000_0000_0000
            case .arithmeticNaN: 0xFFF8_0000_0000_0000
            }
        }
    }
}
