/// A message between Engram's processes; `docs/formats/rpc.md` shows the bytes of each.
///
/// Integers and columns are little-endian, the memory order of every machine that Engram runs on.
protocol WireMessage: Sendable {
    static var kind: UInt8 { get }

    /// Bytes of the message without its header.
    var bodySize: Int { get }

    func write(into writer: inout WireWriter)

    /// Reads the body; the caller checks the header, and what follows.
    init(from reader: inout WireReader) throws(WireError)
}

/// What every message begins with: the version, the kind, and two bytes of what a reader must know.
enum WireHeader {
    /// The version that is written.
    static let version: UInt8 = 1
    /// The versions that are read: those of a rolling upgrade to or from this one.
    ///
    /// There is none before 1.
    static let readable = max(1, Int(version) - 1)...Int(version) + 1
    static let size = 4
}

extension WireMessage {
    var encodedSize: Int { WireHeader.size + bodySize }

    /// Writes the whole message; the memory must have ``encodedSize`` bytes.
    func encode(into bytes: UnsafeMutableRawBufferPointer) {
        var writer = WireWriter(bytes)
        writer.integer(WireHeader.version)
        writer.integer(Self.kind)
        writer.integer(UInt16(0))
        write(into: &writer)
        precondition(writer.offset == bytes.count, "message smaller than its encodedSize")
    }

    func encoded() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: encodedSize) { target, count in
            encode(into: UnsafeMutableRawBufferPointer(target))
            count = target.count
        }
    }

    init(decoding bytes: UnsafeRawBufferPointer) throws(WireError) {
        var reader = WireReader(bytes)
        let version = try reader.integer(UInt8.self)
        guard WireHeader.readable.contains(Int(version)) else {
            throw .unsupportedVersion(found: version)
        }
        reader.isNewer = version > WireHeader.version
        let kind = try reader.integer(UInt8.self)
        guard kind == Self.kind else { throw .unexpectedKind(expected: Self.kind, found: kind) }
        let needs = try reader.integer(UInt16.self)
        guard needs == 0 else { throw .unknownNeeds(needs) }
        try self.init(from: &reader)
        // What a later version adds stands behind what this one knows.
        if !reader.isNewer { try reader.finish() }
    }

    init(decoding bytes: [UInt8]) throws(WireError) {
        self = try bytes.withUnsafeBufferPointer { bytes throws(WireError) in
            try Self(decoding: UnsafeRawBufferPointer(bytes))
        }
    }
}
