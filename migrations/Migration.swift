/// One numbered step of a schema, forward only.
///
/// A released migration never changes: databases remember its checksum and refuse another one.
public struct Migration: Sendable, Equatable {
    /// From 1, without gaps.
    public var version: Int
    /// The file's name without its number and suffix.
    public var name: String
    /// One or more statements.
    public var sql: String

    init(version: Int, name: String, bytes: [UInt8]) {
        self.version = version
        self.name = name
        sql = String(decoding: bytes, as: UTF8.self)
    }

    /// 64-bit FNV-1a of the text, as 16 hexadecimal digits; finds edits, not attacks.
    public var checksum: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in sql.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
