internal import ClusterInterface
internal import MetricsModel

extension SelectedExemplars: ListItem {
    static let listKind: UInt8 = 8
    /// Two sizes and a count.
    static let leastSize = 12

    var encodedSize: Int { labels.encodedSize + 8 + exemplars.encoded.count }

    func write(into writer: inout WireWriter) {
        labels.write(into: &writer)
        let bytes = exemplars.encoded
        writer.integer(UInt32(exemplars.count))
        writer.integer(UInt32(bytes.count))
        writer.bytes(bytes)
    }

    init(from reader: inout WireReader) throws(WireError) {
        let labels = try Labels(from: &reader)
        let count = try reader.count(itemsOfAtLeast: ExemplarBytes.minimumSize)
        let size = Int(try reader.integer(UInt32.self))
        self.init(labels: labels, exemplars: try reader.exemplars(count, size: size))
    }

    /// A series of many exemplars goes out as several items with the same labels.
    ///
    /// No two of them fit into one piece, so that whoever puts pieces together can join them.
    func split(into size: Int) -> [SelectedExemplars] {
        var parts: [SelectedExemplars] = []
        var part = SelectedExemplars(labels: labels, exemplars: [])
        var bytes: [UInt8] = []
        for exemplar in exemplars {
            let before = bytes.count
            let base = part.exemplars.last?.timestamp ?? 0
            ExemplarBytes.append(exemplar, after: base, to: &bytes)
            if !part.exemplars.isEmpty, labels.encodedSize + 8 + bytes.count > size {
                parts.append(part)
                part.exemplars = []
                bytes.removeFirst(before)
            }
            part.exemplars.append(exemplar)
        }
        parts.append(part)
        return parts
    }

    mutating func join(_ next: SelectedExemplars) -> Bool {
        guard next.labels == labels else { return false }
        exemplars.append(contentsOf: next.exemplars)
        return true
    }
}

extension SeenMetadata: ListItem {
    static let listKind: UInt8 = 9
    /// Its time, a count of one, a size and the entry.
    static let leastSize = 8 + 8 + MetadataBytes.minimumSize

    var encodedSize: Int { 8 + MetadataEntries([metadata]).size }

    func write(into writer: inout WireWriter) {
        writer.integer(lastSeen)
        MetadataEntries([metadata]).write(into: &writer)
    }

    init(from reader: inout WireReader) throws(WireError) {
        let lastSeen = try reader.integer(Int64.self)
        let entries = try MetadataEntries.read(from: &reader)
        guard let entry = entries.first, entries.count == 1 else {
            throw .invalidField("metadata", found: UInt64(entries.count))
        }
        self.init(entry, lastSeen: lastSeen)
    }
}
