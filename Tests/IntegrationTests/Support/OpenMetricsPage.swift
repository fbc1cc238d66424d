import Foundation
import Glibc
import Synchronization
import TestSupport

/// A target that exposes a counter and a histogram with exemplars, new ones at each scrape.
final class OpenMetricsPage: Sendable {
    let port: Int
    private let listener: Int32
    private let scrapes = Atomic<Int>(0)

    init() throws {
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
        let client = HTTPConnection(accepted: descriptor, timeout: 60)
        while let (_, headers) = try? client.readHead(), (try? client.readBody(headers)) != nil {
            let body = Array(text.utf8)
            let head =
                "HTTP/1.1 200 OK\r\nContent-Type: application/openmetrics-text; version=1.0.0; "
                + "charset=utf-8\r\nContent-Length: \(body.count)\r\n\r\n"
            guard (try? client.write(Array(head.utf8) + body)) != nil else { return }
        }
    }

    private var text: String {
        let number = scrapes.wrappingAdd(1, ordering: .relaxed).newValue
        let now = Double(Moment.now) / 1000
        return """
            # TYPE page_requests counter
            # HELP page_requests Requests of "all" kinds.
            page_requests_total{path="/"} \(number) # {trace_id="c\(number)"} 1 \(now)
            # TYPE page_latency_seconds histogram
            # UNIT page_latency_seconds seconds
            # HELP page_latency_seconds How long.
            page_latency_seconds_bucket{le="0.5"} \(number) # {trace_id="h\(number)",span_id="s"} 0.25 \(now)
            page_latency_seconds_bucket{le="+Inf"} \(2 * number) # {trace_id="i\(number)"} 7.5
            page_latency_seconds_count \(2 * number)
            page_latency_seconds_sum \(8 * number)
            # EOF

            """
    }
}
