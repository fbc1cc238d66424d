import Foundation
import Glibc
import Synchronization
import TestSupport

/// A reverse proxy that names the tenant, as sites put one in front of a Prometheus that cannot.
final class TenantProxy: Sendable {
    let port: Int
    private let listener: Int32
    private let tenant: String
    /// Tried in turn.
    private let upstreams: [Int]
    private let forwarded = Atomic<Int>(0)

    /// Requests that were answered with 2xx.
    var acceptedCount: Int { forwarded.load(ordering: .relaxed) }

    init(tenant: String, upstreams: [Int]) throws {
        self.tenant = tenant
        self.upstreams = upstreams
        port = ServerPort.unused()
        listener = try ServerPort.listen(port)
        ServerPort.serve(listener) { [weak self] descriptor in
            guard let self else {
                close(descriptor)
                return
            }
            self.serve(descriptor)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ descriptor: Int32) {
        let client = HTTPConnection(accepted: descriptor, timeout: 120)
        while let (first, headers) = try? client.readHead(),
            let body = try? client.readBody(headers)
        {
            let words = first.split(separator: " ")
            guard words.count == 3 else { return }
            var request = HTTPRequest(method: String(words[0]), target: String(words[1]))
            request.headers = headers.filter { $0.key != "content-length" && $0.key != "host" }
                .map { (name: $0.key, value: $0.value) }
            request.body = body
            let answer = forward(request.tenant(tenant))
            if answer.isSuccess { forwarded.add(1, ordering: .relaxed) }
            let head =
                "HTTP/1.1 \(answer.status) Forwarded\r\nContent-Type: text/plain\r\n"
                + (answer.status == 204 ? "" : "Content-Length: \(answer.body.count)\r\n") + "\r\n"
            guard (try? client.write(Array(head.utf8) + answer.body)) != nil else { return }
        }
    }

    private func forward(_ request: HTTPRequest) -> HTTPAnswer {
        for port in upstreams {
            if let answer = try? HTTPConnection.send(request, port: port) { return answer }
        }
        return HTTPAnswer(status: 503, headers: [:], body: Array("no upstream".utf8))
    }
}
