internal import Foundation

/// The answer of the query API, read from its JSON.
struct QueryAnswer: Decodable {
    struct Content: Decodable {
        let result: Result
        /// The plan, where it was asked for.
        let explain: JSONText?

        private enum CodingKeys: String, CodingKey {
            case resultType, result, explain, text
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            // The plan comes as a tree for programs and as text for people.
            explain =
                try values.decodeIfPresent(JSONText.self, forKey: .text)
                ?? values.decodeIfPresent(JSONText.self, forKey: .explain)
            switch try values.decode(String.self, forKey: .resultType) {
            case "vector":
                result = .vector(try values.decode([Element].self, forKey: .result))
            case "explain": result = .none
            case "matrix": result = .matrix(try values.decode([Series].self, forKey: .result))
            case "scalar", "string":
                result = .single(try values.decode(FloatPoint.self, forKey: .result))
            case let type:
                throw DecodingError.dataCorruptedError(
                    forKey: .resultType,
                    in: values,
                    debugDescription: "unknown type \(type)"
                )
            }
        }
    }

    enum Result {
        /// Only the plan was asked for.
        case none
        /// A scalar or a string.
        case single(FloatPoint)
        case vector([Element])
        case matrix([Series])
    }

    struct Element: Decodable {
        let metric: [String: String]
        let value: FloatPoint?
        let histogram: HistogramPoint?
    }

    struct Series: Decodable {
        let metric: [String: String]
        let values: [FloatPoint]?
        let histograms: [HistogramPoint]?
    }

    /// `[seconds, "text"]`.
    struct FloatPoint: Decodable {
        let time: Double
        let text: String

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            time = try values.decode(Double.self)
            text = try values.decode(String.self)
        }
    }

    /// `[seconds, {…}]`.
    struct HistogramPoint: Decodable {
        let time: Double
        let count: String
        let sum: String

        private struct Body: Decodable {
            let count: String
            let sum: String
        }

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            time = try values.decode(Double.self)
            let body = try values.decode(Body.self)
            count = body.count
            sum = body.sum
        }

        var text: String { "{count:\(count), sum:\(sum)}" }
    }

    let status: String
    let data: Content?
    let errorType: String?
    let error: String?
    let warnings: [String]?
    let infos: [String]?

    init(_ body: [UInt8]) throws {
        self = try JSONDecoder().decode(QueryAnswer.self, from: Data(body))
    }
}
