public import ChunkCoding
public import MetricsModel

/// Series of one tenant end to end in one run of bytes, none before one with a smaller fingerprint.
///
/// So they travel from ingesters to queriers, and so a query holds them: three allocations for some thousand series. A
/// series of many chunks may be several items one after the other. An item is the size of the series key (u32), the key,
/// the number of chunks (u32), and of each chunk its first and last time (i64), its number of samples and its size (u32), and
/// its bytes; integers are little-endian.
public struct PackedSeries: Sendable, Equatable {
    /// Of each item; none descends.
    public private(set) var fingerprints: [Fingerprint] = []
    /// Where the bytes of each item end.
    public private(set) var ends: [UInt32] = []
    /// All items.
    public private(set) var bytes: [UInt8] = []

    /// Bytes at which a piece is handed on.
    public static let pieceSize = 512 << 10
    /// Bytes of the smallest item.
    public static let leastItemSize = 8
    /// First and last time, number of samples, number of bytes.
    public static let chunkHeaderSize = 24

    public init() {}

    /// Takes columns that came from elsewhere; what is in the items is checked by ``check(_:seed:)``.
    public init(
        fingerprints: [Fingerprint],
        ends: [UInt32],
        bytes: [UInt8]
    ) throws(PackedSeriesError) {
        guard fingerprints.count == ends.count, Int(ends.last ?? 0) == bytes.count else {
            throw .inconsistentColumns
        }
        var start = 0
        for end in ends {
            guard Int(end) - start >= Self.leastItemSize else { throw .inconsistentColumns }
            start = Int(end)
        }
        for index in fingerprints.indices.dropFirst()
        where fingerprints[index] < fingerprints[index - 1] {
            throw .notAscending(fingerprints[index], after: fingerprints[index - 1])
        }
        self.fingerprints = fingerprints
        self.ends = ends
        self.bytes = bytes
    }

    /// Items.
    public var count: Int { ends.count }

    public var isEmpty: Bool { ends.isEmpty }

    /// Bytes in memory, about.
    public var size: Int { bytes.count + ends.count * 20 }

    /// Where the bytes of an item are.
    public func range(of index: Int) -> Range<Int> {
        (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
    }

    // MARK: Writing

    public mutating func reserveCapacity(items: Int, bytes size: Int) {
        fingerprints.reserveCapacity(items)
        ends.reserveCapacity(items)
        bytes.reserveCapacity(size)
    }

    /// - Precondition: The fingerprint is not before the last one.
    public mutating func append(_ fingerprint: Fingerprint, _ series: SelectedSeries) {
        let key = series.labels.key
        bytes.append(integer: UInt32(key.count))
        bytes += key
        bytes.append(integer: UInt32(series.chunks.count))
        for chunk in series.chunks {
            bytes.append(integer: chunk.minTime)
            bytes.append(integer: chunk.maxTime)
            bytes.append(integer: UInt32(chunk.count))
            bytes.append(integer: UInt32(chunk.bytes.count))
            bytes += chunk.bytes
        }
        close(fingerprint)
    }

    /// Copies an item.
    ///
    /// - Precondition: Its fingerprint is not before the last one.
    public mutating func append(_ index: Int, of other: PackedSeries) {
        bytes += other.bytes[other.range(of: index)]
        close(other.fingerprints[index])
    }

    /// Puts the items of one series together as one, with the chosen of their chunks.
    ///
    /// - Parameters:
    ///   - labels: An item with the labels.
    ///   - chunks: In any order.
    public mutating func append(
        labels: (series: PackedSeries, index: Int),
        chunks: [(series: PackedSeries, chunk: Chunk)]
    ) {
        let start = labels.series.range(of: labels.index).lowerBound
        let keySize = Int(labels.series.integer(at: start, as: UInt32.self))
        bytes += labels.series.bytes[start..<start + 4 + keySize]
        bytes.append(integer: UInt32(chunks.count))
        for (series, chunk) in chunks {
            bytes +=
                series.bytes[chunk.range.lowerBound - Self.chunkHeaderSize..<chunk.range.upperBound]
        }
        close(labels.series.fingerprints[labels.index])
    }

    private mutating func close(_ fingerprint: Fingerprint) {
        precondition(fingerprints.last.map { $0 <= fingerprint } ?? true, "series out of order")
        fingerprints.append(fingerprint)
        ends.append(UInt32(bytes.count))
    }

    // MARK: Reading

    /// A chunk in place.
    public struct Chunk: Sendable, Equatable {
        public var minTime: Int64
        public var maxTime: Int64
        public var count: Int
        /// Its bytes among those of all items.
        public var range: Range<Int>
    }

    /// Goes through the chunks of an item.
    public struct ChunkCursor: Sendable {
        fileprivate var offset: Int
        fileprivate let end: Int
        public fileprivate(set) var left: Int
    }

    /// Calls the body with the series key of an item.
    ///
    /// - Precondition: The item was checked, or made here.
    public func withKey<Result>(
        at index: Int,
        _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) -> Result {
        let start = range(of: index).lowerBound
        let size = Int(integer(at: start, as: UInt32.self))
        return bytes.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[start + 4..<start + 4 + size]))
        }
    }

    /// Calls the body with the name of an item's metric, empty where it has none.
    ///
    /// - Precondition: The item was checked, or made here.
    public func withName(at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        var wanted = Labels.metricName
        wanted.withUTF8 { wanted in
            withKey(at: index) { key in
                var cursor = LabelCursor(key)
                while let (name, value) = cursor.next() {
                    if compareBytes(name, wanted) == 0 { return body(value) }
                }
                body(UnsafeBufferPointer(start: nil, count: 0))
            }
        }
    }

    /// - Precondition: The item was checked, or made here.
    public func labels(at index: Int) -> Labels {
        withKey(at: index) { Labels(unchecked: Array($0)) }
    }

    /// The chunks of an item.
    public func chunks(at index: Int) throws(PackedSeriesError) -> ChunkCursor {
        let range = range(of: index)
        let keySize = Int(integer(at: range.lowerBound, as: UInt32.self))
        // An item has at least 8 bytes.
        guard keySize <= range.count - Self.leastItemSize else { throw .damagedItem(index) }
        let offset = range.lowerBound + 4 + keySize
        return ChunkCursor(
            offset: offset + 4,
            end: range.upperBound,
            left: Int(integer(at: offset, as: UInt32.self))
        )
    }

    /// The next chunk; nil behind the last.
    ///
    /// - Throws: where the bytes end before the chunks do, or go on behind them.
    public func next(_ cursor: inout ChunkCursor) throws(PackedSeriesError) -> Chunk? {
        guard cursor.left > 0 else {
            guard cursor.offset == cursor.end else { throw .damagedChunk(offset: cursor.offset) }
            return nil
        }
        let start = cursor.offset + Self.chunkHeaderSize
        guard start <= cursor.end else { throw .damagedChunk(offset: cursor.offset) }
        let minTime = integer(at: cursor.offset, as: Int64.self)
        let maxTime = integer(at: cursor.offset + 8, as: Int64.self)
        let count = Int(integer(at: cursor.offset + 16, as: UInt32.self))
        let size = Int(integer(at: cursor.offset + 20, as: UInt32.self))
        guard size <= cursor.end - start, minTime <= maxTime, count > 0 else {
            throw .damagedChunk(offset: cursor.offset)
        }
        cursor.left -= 1
        cursor.offset = start + size
        return Chunk(minTime: minTime, maxTime: maxTime, count: count, range: start..<start + size)
    }

    /// A chunk with bytes of its own; these are checked when it is decoded.
    public func encoded(_ chunk: Chunk) -> EncodedChunk {
        EncodedChunk(
            minTime: chunk.minTime,
            maxTime: chunk.maxTime,
            count: chunk.count,
            bytes: Array(bytes[chunk.range])
        )
    }

    /// Checks all of an item but the bytes of its chunks.
    ///
    /// - Parameter visit: Called with each chunk.
    public func check(
        _ index: Int,
        seed: TenantSeed,
        visit: (Chunk) -> Void = { _ in }
    ) throws(PackedSeriesError) {
        var cursor = try chunks(at: index)
        let failure = withKey(at: index) { key -> PackedSeriesError? in
            do throws(LabelsError) { try Labels.validate(key) } catch {
                return .invalidLabels(error)
            }
            let found = Fingerprint(seed: seed, key: UnsafeRawBufferPointer(key))
            let told = fingerprints[index]
            return found == told ? nil : .wrongFingerprint(told: told, found: found)
        }
        if let failure { throw failure }
        while let chunk = try next(&cursor) { visit(chunk) }
    }

    /// Whether two items are the same, labels and chunks.
    public func hasSameBytes(_ index: Int, as otherIndex: Int, of other: PackedSeries) -> Bool {
        let range = range(of: index)
        let otherRange = other.range(of: otherIndex)
        guard range.count == otherRange.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            other.bytes.withUnsafeBufferPointer { others in
                compareBytes(
                    UnsafeBufferPointer(rebasing: bytes[range]),
                    UnsafeBufferPointer(rebasing: others[otherRange])
                ) == 0
            }
        }
    }

    @inline(__always)
    private func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int,
        as type: Integer.Type
    ) -> Integer {
        bytes.withUnsafeBytes {
            Integer(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Integer.self))
        }
    }
}

/// Why bytes are not series in order.
public enum PackedSeriesError: Error, Equatable, CustomStringConvertible {
    /// Counts and sizes do not fit each other.
    case inconsistentColumns
    case notAscending(Fingerprint, after: Fingerprint)
    /// The item with this number ends inside of its labels.
    case damagedItem(Int)
    case damagedChunk(offset: Int)
    case invalidLabels(LabelsError)
    case wrongFingerprint(told: Fingerprint, found: Fingerprint)

    public var description: String {
        switch self {
        case .inconsistentColumns: "counts and sizes of packed series do not fit each other"
        case .notAscending(let next, let last):
            "series \(next) comes after series \(last), though series come in order of fingerprints"
        case .damagedItem(let index): "packed series \(index) ends inside of its labels"
        case .damagedChunk(let offset): "a chunk of packed series is damaged at byte \(offset)"
        case .invalidLabels(let cause): "a label set is not canonical: \(cause)"
        case .wrongFingerprint(let told, let found):
            "labels have the fingerprint \(found) where \(told) is told"
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append<Integer: FixedWidthInteger>(integer: Integer) {
        Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
    }
}
