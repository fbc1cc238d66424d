import Foundation
import TestSupport

/// Asks a query API: Engram's or that of a Prometheus.
struct QueryClient: Sendable {
    var port: Int
    var prefix = "/prometheus"
    var tenant: String?

    /// The series of an answer, in a fixed order.
    ///
    /// - Parameter time: milliseconds since the Unix epoch.
    func instant(_ expression: String, at time: Int64) throws -> [QueryAnswer.Series] {
        try series("/api/v1/query", [("query", expression), ("time", Self.seconds(time))])
    }

    /// - Parameters:
    ///   - range: milliseconds since the Unix epoch, both ends included.
    ///   - step: seconds.
    func range(
        _ expression: String,
        _ range: ClosedRange<Int64>,
        step: Int
    ) throws -> [QueryAnswer.Series] {
        try series(
            "/api/v1/query_range",
            [
                ("query", expression), ("start", Self.seconds(range.lowerBound)),
                ("end", Self.seconds(range.upperBound)), ("step", String(step)),
            ]
        )
    }

    /// The stored samples of a selector, both ends of the range included, for whole seconds of length.
    func samples(
        _ selector: String,
        _ range: ClosedRange<Int64>
    ) throws -> [QueryAnswer.Series] {
        let length = range.upperBound - range.lowerBound + 1
        return try instant("\(selector)[\(length)ms]", at: range.upperBound)
    }

    /// Any path of the API, as text.
    func get(_ path: String, _ parameters: [(String, String)] = []) throws -> HTTPAnswer {
        try HTTPConnection.send(
            HTTPRequest.get(prefix + path, parameters).tenant(tenant),
            port: port
        )
    }

    private func series(
        _ path: String,
        _ parameters: [(String, String)]
    ) throws -> [QueryAnswer.Series] {
        let answer = try get(path, parameters)
        guard answer.status == 200 else {
            throw TestSupportError("\(parameters): \(answer.status) \(answer.text.prefix(500))")
        }
        let decoded = try JSONDecoder().decode(QueryAnswer.self, from: Data(answer.body))
        if let warnings = decoded.warnings, !warnings.isEmpty {
            throw TestSupportError("\(parameters): warnings \(warnings)")
        }
        return decoded.sorted
    }

    static func seconds(_ milliseconds: Int64) -> String {
        let rest = String(1000 + milliseconds % 1000).dropFirst()
        return "\(milliseconds / 1000).\(rest)"
    }
}
