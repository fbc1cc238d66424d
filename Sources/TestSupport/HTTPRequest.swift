/// A request as the tests send it.
public struct HTTPRequest: Sendable {
    public var method = "GET"
    /// With the query.
    public var target: String
    public var headers: [(name: String, value: String)] = []
    public var body: [UInt8]?
    /// In place of the size of the body.
    public var claimedLength: String?

    public init(
        method: String = "GET",
        target: String,
        headers: [(name: String, value: String)] = [],
        body: [UInt8]? = nil,
        claimedLength: String? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.claimedLength = claimedLength
    }

    public static func get(_ path: String, _ parameters: [(String, String)] = []) -> HTTPRequest {
        let query = parameters.map { "\(escape($0.0))=\(escape($0.1))" }.joined(separator: "&")
        return HTTPRequest(target: query.isEmpty ? path : path + "?" + query)
    }

    public static func post(_ path: String, _ body: [UInt8] = []) -> HTTPRequest {
        HTTPRequest(method: "POST", target: path, body: body)
    }

    /// Replaces a header; nil removes it.
    public func with(_ name: String, _ value: String?) -> HTTPRequest {
        var changed = self
        changed.headers.removeAll { $0.name.lowercased() == name.lowercased() }
        if let value { changed.headers.append((name, value)) }
        return changed
    }

    public func tenant(_ tenant: String?) -> HTTPRequest { with("X-Scope-OrgID", tenant) }

    public var bytes: [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let length = claimedLength ?? body.map({ String($0.count) }) {
            head += "Content-Length: \(length)\r\n"
        }
        return Array((head + "\r\n").utf8) + (body ?? [])
    }

    private static func escape(_ text: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
        return text.utf8.map { byte in
            if plain.contains(byte) { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }
        .joined()
    }
}
