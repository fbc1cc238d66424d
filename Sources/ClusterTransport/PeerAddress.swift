internal import GRPCNIOTransportHTTP2

/// `host:port`, where the host is a name, an IPv4 address, or an IPv6 address in brackets.
struct PeerAddress: Equatable {
    var host: String
    var port: Int
    private var kind: Kind

    private enum Kind {
        case name
        case version4
        case version6
    }

    init(_ text: String) throws(TransportError) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { throw .invalidAddress(text) }
        self.port = Int(port)
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":"), host.allSatisfy(Self.isVersion6) else {
                throw .invalidAddress(text)
            }
            kind = .version6
        } else {
            guard !host.contains(":"), !host.contains("["), !host.contains("]"),
                !host.contains(where: \.isWhitespace)
            else { throw .invalidAddress(text) }
            kind = Self.isVersion4(host) ? .version4 : .name
        }
        self.host = String(host)
    }

    /// What to connect to; a server's own address may lack the host, a peer's may not.
    func target() throws(TransportError) -> any ResolvableTarget {
        guard !host.isEmpty, port > 0 else { throw .invalidAddress("\(host):\(port)") }
        switch kind {
        case .version4: return .ipv4(address: host, port: port)
        case .version6: return .ipv6(address: host, port: port)
        case .name: return .dns(host: host, port: port)
        }
    }

    /// Whether it is this machine for sure; names other than `localhost` may be any.
    var isLoopback: Bool {
        switch kind {
        case .version4: host.hasPrefix("127.")
        case .version6: host == "::1"
        case .name: host == "localhost"
        }
    }

    /// The host where it is a name, nil where it is an address.
    var hostName: String? { kind == .name ? host : nil }

    /// What to listen on: an address of this machine, or none for all of IPv4.
    func listeningAddress() throws(TransportError) -> SocketAddress {
        switch kind {
        case .version4: return .ipv4(host: host, port: port)
        case .version6: return .ipv6(host: host, port: port)
        case .name:
            switch host {
            case "", "*": return .ipv4(host: "0.0.0.0", port: port)
            case "localhost": return .ipv4(host: "127.0.0.1", port: port)
            default: throw .invalidAddress("\(host):\(port)")
            }
        }
    }

    private static func isVersion4(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func isVersion6(_ character: Character) -> Bool {
        character.isHexDigit || character == ":" || character == "."
    }
}
