import Foundation

/// The JSON of an answer to a query.
struct PrometheusAnswer: Decodable {
    var status: String
    var data: Body?
    var errorType: String?
    var error: String?

    struct Body: Decodable {
        var resultType: String
        var series: [Series] = []
        /// Of a scalar or string.
        var single: Point?

        private enum Key: CodingKey {
            case resultType
            case result
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            resultType = try container.decode(String.self, forKey: .resultType)
            if resultType == "vector" || resultType == "matrix" {
                series = try container.decode([Series].self, forKey: .result)
            } else {
                single = try container.decode(Point.self, forKey: .result)
            }
        }
    }

    struct Series: Decodable {
        var metric: [String: String]
        var value: Point?
        var values: [Point]?

        var answer: Answer.Series {
            let points = values ?? value.map { [$0] } ?? []
            return Answer.Series(
                labels: metric,
                timestamps: points.map(\.timestamp),
                values: points.map(\.value)
            )
        }
    }

    struct Point: Decodable {
        /// Milliseconds.
        var timestamp: Int64
        var text: String

        init(from decoder: any Decoder) throws {
            var pair = try decoder.unkeyedContainer()
            timestamp = Int64((try pair.decode(Double.self) * 1000).rounded())
            text = try pair.decode(String.self)
        }

        /// The text is the shortest one that gives the same bits again.
        var value: Double { Double(text) ?? .signalingNaN }
    }

    /// In comparable form.
    var answer: Answer {
        guard let data else {
            return Answer(kind: .failure(errorType ?? ""), message: error ?? "")
        }
        switch data.resultType {
        case "vector": return Answer(kind: .vector, series: data.series.map(\.answer))
        case "matrix": return Answer(kind: .matrix, series: data.series.map(\.answer))
        case "scalar":
            guard let point = data.single else { return Answer(kind: .failure("no scalar")) }
            let series = Answer.Series(
                labels: [:],
                timestamps: [point.timestamp],
                values: [point.value]
            )
            return Answer(kind: .scalar, series: [series])
        default: return Answer(kind: .string(data.single?.text ?? ""))
        }
    }
}
