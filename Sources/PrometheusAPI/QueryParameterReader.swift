internal import Hummingbird
internal import MetricsModel
internal import NIOCore
internal import PromQL
internal import Querying

/// Reads and checks the parameters of one query request.
struct QueryParameterReader {
    private let form: FormParameters
    /// Milliseconds since the Unix epoch, read once for the request.
    let now: Int64

    /// Parameters stand in the URL or, with POST, in a form body.
    init(_ request: Request, _ context: APIContext, now: Int64) async throws {
        var form = FormParameters()
        if request.method == .post {
            form.add(urlEncoded: String(buffer: try await Self.body(request, context)))
        }
        if let query = request.uri.query { form.add(urlEncoded: query) }
        self.form = form
        self.now = now
    }

    private static func body(_ request: Request, _ context: APIContext) async throws -> ByteBuffer {
        do {
            return try await request.body.collect(upTo: context.maxUploadSize)
        } catch is NIOTooManyBytesError {
            throw APIError(
                .badData,
                "the form has more than \(context.maxUploadSize) bytes",
                status: .contentTooLarge
            )
        }
    }

    func text(_ name: String) -> String? { form.first(name) }

    /// All values of a name, in order.
    func all(_ name: String) -> [String] { form.all(name) }

    /// `1` and `true`, or `0` and `false`; absent is false.
    func flag(_ name: String) throws -> Bool {
        switch form.first(name) {
        case nil, "0", "false": return false
        case "1", "true": return true
        case let text?: throw APIError.badParameter(name, "\"\(text)\" is neither 1 nor 0")
        }
    }

    /// Where the answer may lack something, with a warning: `partial_response=1`.
    func partialAnswer() throws -> PartialAnswer? {
        try flag("partial_response") ? PartialAnswer() : nil
    }

    /// - Throws: a `bad_data` error where the parameter is there and is no time.
    func time(_ name: String) throws -> Int64? {
        guard let text = form.first(name) else { return nil }
        guard let time = TimeParameter.milliseconds(text) else {
            throw APIError.badParameter(name, "cannot parse \"\(text)\" to a valid timestamp")
        }
        return time
    }

    func requiredTime(_ name: String) throws -> Int64 {
        guard let time = try time(name) else {
            throw APIError.badParameter(name, "cannot parse \"\" to a valid timestamp")
        }
        return time
    }

    /// Milliseconds; upstream counts nanoseconds in 64 bits.
    private static let maximumDuration = 9_223_372_036_854.0

    /// Milliseconds, from a float of seconds or a PromQL duration.
    func duration(_ name: String) throws -> Int64? {
        guard let text = form.first(name) else { return nil }
        if let seconds = Double(text) {
            let milliseconds = seconds * 1000
            guard milliseconds.magnitude < Self.maximumDuration else {
                throw APIError.badParameter(
                    name,
                    "cannot parse \"\(text)\" to a valid duration. It overflows int64"
                )
            }
            return Int64(milliseconds)
        }
        guard let milliseconds = DurationLiteral.milliseconds(text) else {
            throw APIError.badParameter(name, "cannot parse \"\(text)\" to a valid duration")
        }
        return milliseconds
    }

    /// 0 where the parameter is absent: no limit.
    func limit() throws -> Int {
        guard let text = form.first("limit") else { return 0 }
        guard let limit = Int(text), limit >= 0 else {
            throw APIError.badParameter("limit", "\"\(text)\" is not a number of at least 0")
        }
        return limit
    }

    /// Any number, as metadata requests have them; nil where the parameter is absent.
    func signedLimit(_ name: String) throws -> Int? {
        guard let text = form.first(name) else { return nil }
        guard let limit = Int(text) else {
            throw APIError(.badData, "\(name) must be a number")
        }
        return limit
    }

    /// The range of `start` and `end`, both inclusive as the API has them; all time where they are absent.
    func range() throws -> TimeRange {
        let start = try time("start") ?? .min
        let end = try time("end") ?? .max
        guard end >= start else {
            throw APIError.badParameter("end", "end timestamp must not be before start time")
        }
        return TimeRange(start: start, end: end == .max ? .max : end + 1)
    }

    /// The selectors of `match[]` as canonical text, which has no line breaks.
    func selectorTexts() throws -> [String] {
        try form.all("match[]").map { text in
            do {
                return Expression.vectorSelector(try Parser.parseSelector(text)).description
            } catch {
                throw APIError.badParameter("match[]", String(describing: error))
            }
        }
    }

    /// The selectors of `match[]`.
    func selectors() throws -> [[LabelMatcher]] {
        try form.all("match[]").map { text in
            do {
                let matchers = try Parser.parseSelector(text).matchers
                guard !matchers.allSatisfy(\.matchesEmpty) else {
                    throw APIError(.badData, "match[] must contain at least one non-empty matcher")
                }
                return matchers
            } catch let error as ParseError {
                throw APIError.badParameter("match[]", String(describing: error))
            }
        }
    }
}
