import MetricsModel
import PromQL
import QueryFuzzing

/// What a query returned, in a form in which answers of two servers can be compared.
struct Answer: Sendable {
    enum Kind: Hashable, Sendable {
        /// With the API's error type.
        case failure(String)
        case scalar
        case string(String)
        case vector
        case matrix
    }

    struct Series: Sendable {
        var labels: [String: String]
        /// Milliseconds.
        var timestamps: [Int64]
        var values: [Double]

        var name: String {
            labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
                .joined(separator: ",")
        }
    }

    var kind: Kind
    /// Of a failure.
    var message = ""
    /// In the order of the answer.
    var series: [Series] = []

    var description: String {
        var text = "\(kind) \(message)"
        for one in series.prefix(12) {
            let points = zip(one.timestamps, one.values).prefix(12).map { "\($0.0):\($0.1)" }
            text += "\n    {\(one.name)} \(points.joined(separator: " "))"
        }
        return text
    }
}

extension Answer {
    /// Of the engine in this process.
    init(_ question: Question, over data: DataSet) {
        do {
            let expression = try Parser.parse(
                question.tree.text,
                features: [.durationExpressions, .experimentalFunctions]
            )
            let parameters =
                question.isInstant
                ? QueryParameters(time: question.start)
                : QueryParameters(start: question.start, end: question.end, step: question.step)
            let plan = try QueryPlan(
                expression: expression,
                text: question.tree.text,
                parameters: parameters
            )
            self.init(try Evaluator.evaluate(plan, data: data.data(for: plan)).value)
        } catch let error as ParseError {
            self.init(kind: .failure("bad_data"), message: error.description)
        } catch EvaluationError.invalidQuery(let message) {
            self.init(kind: .failure("bad_data"), message: message)
        } catch {
            self.init(kind: .failure("execution"), message: "\(error)")
        }
    }

    private init(_ value: QueryResult.Value) {
        switch value {
        case .scalar(let timestamp, let value):
            let series = Series(labels: [:], timestamps: [timestamp], values: [value])
            self.init(kind: .scalar, series: [series])
        case .string(_, let text): self.init(kind: .string(text))
        case .vector(let elements):
            let series = elements.map { element in
                Series(
                    labels: Self.dictionary(element.labels),
                    timestamps: [element.timestamp],
                    values: [element.value.float ?? .signalingNaN]
                )
            }
            self.init(kind: .vector, series: series)
        case .matrix(let list):
            let series = list.map { one in
                Series(
                    labels: Self.dictionary(one.labels),
                    timestamps: one.timestamps,
                    values: one.values
                )
            }
            self.init(kind: .matrix, series: series)
        }
    }

    private static func dictionary(_ labels: Labels) -> [String: String] {
        Dictionary(uniqueKeysWithValues: labels.pairs.map { ($0.name, $0.value) })
    }
}
