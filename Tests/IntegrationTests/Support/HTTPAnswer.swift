import Foundation

/// A response, whole.
struct HTTPAnswer: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// Whether the server took the request as done.
    var isSuccess: Bool { (200..<300).contains(status) }

    /// What remote write says about the samples it stored.
    var samplesWritten: Int? {
        headers["x-prometheus-remote-write-samples-written"].flatMap { Int($0) }
    }
}
