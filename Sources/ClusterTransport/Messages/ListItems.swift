internal import ChunkCoding
internal import ClusterInterface
internal import MetricsModel

extension String: ListItem {
    static let listKind: UInt8 = 7
    static let leastSize = 4

    var encodedSize: Int { 4 + utf8.count }

    func write(into writer: inout WireWriter) { writer.text(self) }

    init(from reader: inout WireReader) throws(WireError) { self = try reader.text("text") }
}

extension Labels: ListItem {
    static let listKind: UInt8 = 6
    static let leastSize = 4

    var encodedSize: Int { 4 + key.count }

    func write(into writer: inout WireWriter) {
        writer.integer(UInt32(key.count))
        writer.bytes(key)
    }

    init(from reader: inout WireReader) throws(WireError) {
        let size = try reader.integer(UInt32.self)
        let key = try reader.bytes(Int(size))
        do throws(LabelsError) {
            self = try Labels(validating: key)
        } catch {
            throw .invalidLabels(error)
        }
    }
}

extension SelectedSeries: ListItem {
    static let listKind: UInt8 = 5
    static let leastSize = 8

    /// First and last time, number of samples, number of bytes.
    private static let chunkHeaderSize = 24

    var encodedSize: Int {
        chunks.reduce(labels.encodedSize + 4) { $0 + Self.chunkHeaderSize + $1.bytes.count }
    }

    func write(into writer: inout WireWriter) {
        labels.write(into: &writer)
        writer.integer(UInt32(chunks.count))
        for chunk in chunks {
            writer.integer(chunk.minTime)
            writer.integer(chunk.maxTime)
            writer.integer(UInt32(chunk.count))
            writer.integer(UInt32(chunk.bytes.count))
            writer.bytes(chunk.bytes)
        }
    }

    init(from reader: inout WireReader) throws(WireError) {
        let labels = try Labels(from: &reader)
        let count = try reader.count(itemsOfAtLeast: Self.chunkHeaderSize)
        var chunks: [EncodedChunk] = []
        chunks.reserveCapacity(count)
        for _ in 0..<count { chunks.append(try Self.chunk(from: &reader)) }
        self.init(labels: labels, chunks: chunks)
    }

    mutating func join(_ next: SelectedSeries) -> Bool {
        guard next.labels == labels else { return false }
        chunks.append(contentsOf: next.chunks)
        return true
    }

    /// The chunk's own bytes are checked by whoever decodes them.
    private static func chunk(from reader: inout WireReader) throws(WireError) -> EncodedChunk {
        let minTime = try reader.integer(Int64.self)
        let maxTime = try reader.integer(Int64.self)
        let count = try reader.integer(UInt32.self)
        let size = try reader.integer(UInt32.self)
        guard minTime <= maxTime else {
            throw .invalidField("maxTime", found: UInt64(bitPattern: maxTime))
        }
        guard count > 0 else { throw .invalidField("count", found: 0) }
        return EncodedChunk(
            minTime: minTime,
            maxTime: maxTime,
            count: Int(count),
            bytes: try reader.bytes(Int(size))
        )
    }
}
