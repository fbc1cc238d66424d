/// The owner of data; limits and queries never cross it.
///
/// 1 to 150 bytes of `0-9 a-z A-Z ! - _ . * ' ( )`, as Cortex accepts them in `X-Scope-OrgID`.
public struct TenantID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let name: String

    /// Names that Cortex keeps for itself in object stores; refused for the sake of migrations.
    private static let reserved: Set<String> = [".", "..", "__markers__", "user-index.json.gz"]

    public static let maximumLength = 150

    public init(_ name: String) throws(TenantError) {
        guard !name.isEmpty else { throw .empty }
        guard name.utf8.count <= Self.maximumLength else { throw .tooLong(name.utf8.count) }
        for byte in name.utf8 where !Self.isAllowed(byte) { throw .forbiddenCharacter(byte) }
        guard !Self.reserved.contains(name) else { throw .reserved(name) }
        self.name = name
    }

    private init(unchecked name: String) { self.name = name }

    /// The only tenant when authentication is off.
    public static let anonymous = TenantID(unchecked: "anonymous")

    public var description: String { name }

    public static func < (left: TenantID, right: TenantID) -> Bool { left.name < right.name }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "*"), UInt8(ascii: "'"), UInt8(ascii: "("), UInt8(ascii: ")"):
            true
        default:
            false
        }
    }
}

/// Why a text cannot name a tenant.
public enum TenantError: Error, Equatable, CustomStringConvertible {
    case empty
    case tooLong(Int)
    case forbiddenCharacter(UInt8)
    case reserved(String)
    case tooMany(Int, limit: Int)

    public var description: String {
        switch self {
        case .empty: "no org id"
        case .tooLong(let length):
            "tenant ID is too long: \(length) bytes, at most \(TenantID.maximumLength)"
        case .forbiddenCharacter(let byte):
            "tenant ID contains the unsupported byte 0x\(String(byte, radix: 16)); "
                + "allowed are letters, digits and ! - _ . * ' ( )"
        case .tooMany(let count, let limit): "\(count) tenants in one request, at most \(limit)"
        case .reserved(let name): "tenant ID \"\(name)\" is reserved"
        }
    }
}
