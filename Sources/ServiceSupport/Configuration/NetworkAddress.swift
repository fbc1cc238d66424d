/// A host and a TCP port: `127.0.0.1:9009`, `[::1]:9009`, `ingester-1:9021`.
public struct NetworkAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or a literal address, without brackets; never empty.
    public var host: String
    /// 0 … 65535; 0 asks the system for a free port where the address is listened on.
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads an address; nil when it is malformed.
    ///
    /// `:9009` means every interface. An IPv6 address needs brackets.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let port = Int(digits),
            port <= 65_535
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard !host.isEmpty else { return nil }
        } else if host.contains(":") {
            return nil
        }
        guard host.utf8.allSatisfy(Self.isHostByte) else { return nil }
        self.host = host.isEmpty ? "0.0.0.0" : String(host)
        self.port = port
    }

    /// Whether listening here means listening on every interface.
    public var isWildcard: Bool { host == "0.0.0.0" || host == "::" }

    /// Whether it is this machine for sure: a name other than `localhost` may be any.
    public var isLoopback: Bool {
        host == "localhost" || host == "::1"
            || host.hasPrefix("127.") && host.utf8.allSatisfy { $0 <= UInt8(ascii: "9") }
    }

    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "%"):
            true
        default: false
        }
    }
}
