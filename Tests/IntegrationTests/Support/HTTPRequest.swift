import RemoteWrite

/// A request as the tests send it.
struct HTTPRequest: Sendable {
    var method = "GET"
    /// With the query.
    var target: String
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]?
    /// In place of the size of the body.
    var claimedLength: String?

    static func get(_ path: String, _ parameters: [(String, String)] = []) -> HTTPRequest {
        let query = parameters.map { "\(escape($0.0))=\(escape($0.1))" }.joined(separator: "&")
        return HTTPRequest(target: query.isEmpty ? path : path + "?" + query)
    }

    static func post(_ path: String, _ body: [UInt8] = []) -> HTTPRequest {
        HTTPRequest(method: "POST", target: path, body: body)
    }

    /// A remote-write 1.0 request.
    static func push(_ body: [UInt8], path: String = "/api/v1/push") -> HTTPRequest {
        post(path, body)
            .with("Content-Type", "application/x-protobuf")
            .with("Content-Encoding", "snappy")
            .with("X-Prometheus-Remote-Write-Version", "0.1.0")
    }

    static func push(_ request: WriteRequestEncoder) -> HTTPRequest { push(request.compressed()) }

    /// Replaces a header; nil removes it.
    func with(_ name: String, _ value: String?) -> HTTPRequest {
        var changed = self
        changed.headers.removeAll { $0.name.lowercased() == name.lowercased() }
        if let value { changed.headers.append((name, value)) }
        return changed
    }

    func tenant(_ tenant: String?) -> HTTPRequest { with("X-Scope-OrgID", tenant) }

    var bytes: [UInt8] {
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
