import Foundation
import TestSupport

/// What a query API answers about exemplars.
struct ExemplarAnswer: Decodable {
    struct Series: Decodable, Hashable {
        var seriesLabels: [String: String]
        var exemplars: [Exemplar]
    }

    struct Exemplar: Decodable, Hashable {
        var labels: [String: String]
        var value: String
        var timestamp: Double
    }

    var data: [Series]
}

/// What a query API answers about metadata, by metric.
struct MetadataAnswer: Decodable {
    struct Entry: Decodable, Hashable {
        var type: String
        var help: String
        var unit: String
    }

    var data: [String: [Entry]]
}

extension QueryClient {
    /// - Parameter range: milliseconds since the Unix epoch, both ends included.
    func exemplars(
        _ expression: String,
        _ range: ClosedRange<Int64>
    ) throws -> [ExemplarAnswer.Series] {
        let answer = try get(
            "/api/v1/query_exemplars",
            [
                ("query", expression), ("start", "\(Double(range.lowerBound) / 1000)"),
                ("end", "\(Double(range.upperBound) / 1000)"),
            ]
        )
        guard answer.status == 200 else {
            throw TestSupportError("exemplars: \(answer.status) \(answer.text.prefix(500))")
        }
        return try JSONDecoder().decode(ExemplarAnswer.self, from: Data(answer.body)).data
    }

    /// - Parameter metric: empty for all.
    func metadata(_ metric: String = "") throws -> [String: [MetadataAnswer.Entry]] {
        let answer = try get("/api/v1/metadata", metric.isEmpty ? [] : [("metric", metric)])
        guard answer.status == 200 else {
            throw TestSupportError("metadata: \(answer.status) \(answer.text.prefix(500))")
        }
        return try JSONDecoder().decode(MetadataAnswer.self, from: Data(answer.body)).data
    }
}
