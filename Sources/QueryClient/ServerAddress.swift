/// Where a server is: `http://HOST:PORT/PREFIX`.
struct ServerAddress: Equatable {
    let host: String
    let port: Int
    /// What stands before `/api/v1` in paths, without a slash at its end.
    let prefix: String

    /// The single process on this machine.
    static let local = ServerAddress(host: "127.0.0.1", port: 9009, prefix: "/prometheus")

    private init(host: String, port: Int, prefix: String) {
        self.host = host
        self.port = port
        self.prefix = prefix
    }

    /// Reads an address; without a path, the prefix is `/prometheus`, and without a port, HTTP's.
    init?(_ text: String) {
        guard text.lowercased().hasPrefix("http://") else { return nil }
        let rest = text.dropFirst("http://".count)
        let path = rest[(rest.firstIndex(of: "/") ?? rest.endIndex)...]
        let authority = rest.prefix { $0 != "/" }
        // The last colon, unless it is one of an IPv6 address in brackets.
        let colon = authority.lastIndex(of: ":").flatMap { index in
            authority[index...].contains("]") ? nil : index
        }
        let name = authority[..<(colon ?? authority.endIndex)]
        let isBracketed = name.hasPrefix("[") && name.hasSuffix("]")
        host = String(isBracketed ? name.dropFirst().dropLast() : name)
        guard !host.isEmpty, !path.utf8.contains(where: { $0 <= 0x20 || $0 == 0x3f }) else {
            return nil
        }
        if let colon {
            guard let port = UInt16(authority[colon...].dropFirst()), port > 0 else { return nil }
            self.port = Int(port)
        } else {
            port = 80
        }
        var prefix = path
        while prefix.hasSuffix("/") { prefix = prefix.dropLast() }
        self.prefix = prefix.isEmpty ? "/prometheus" : String(prefix)
    }

    /// The value of the header `Host`.
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
