import Foundation
import TestSupport

/// The envelope of the query API, as far as tests compare it.
struct QueryAnswer: Decodable, Sendable {
    var status: String
    var data: Result?
    var errorType: String?
    var error: String?
    var warnings: [String]?

    struct Result: Decodable, Sendable {
        var resultType: String
        var result: [Series]
    }

    struct Series: Decodable, Equatable, Sendable {
        var metric: [String: String]
        /// Of a vector.
        var value: Point?
        /// Of a matrix.
        var values: [Point]?

        /// By which answers are brought into one order.
        var sortKey: String {
            metric.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        }
    }

    struct Point: Decodable, Equatable, Sendable {
        /// Milliseconds since the Unix epoch.
        var timestamp: Int64
        /// As it was written.
        var text: String

        init(timestamp: Int64, text: String) {
            self.timestamp = timestamp
            self.text = text
        }

        init(from decoder: any Decoder) throws {
            var pair = try decoder.unkeyedContainer()
            timestamp = Int64((try pair.decode(Double.self) * 1000).rounded())
            text = try pair.decode(String.self)
        }
    }
}

extension QueryAnswer {
    /// The series in a fixed order.
    var sorted: [Series] {
        (data?.result ?? []).sorted { $0.sortKey < $1.sortKey }
    }
}
