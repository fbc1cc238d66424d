/// A response, whole.
public struct HTTPAnswer: Sendable {
    public var status: Int
    /// Names in lower case.
    public var headers: [String: String]
    public var body: [UInt8]

    public init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public var text: String { String(decoding: body, as: UTF8.self) }

    /// Whether the server took the request as done.
    public var isSuccess: Bool { (200..<300).contains(status) }

    /// What remote write says about the samples it stored.
    public var samplesWritten: Int? {
        headers["x-prometheus-remote-write-samples-written"].flatMap { Int($0) }
    }
}
