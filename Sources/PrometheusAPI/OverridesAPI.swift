internal import HTTPTypes
internal import Hummingbird
public import MetricsModel
internal import NIOCore

/// Limits of the tenant that asks, changed and looked up, as in Cortex; and what they were before.
///
/// Whoever reaches these paths changes what the overrides file allows: they are for operators, and their programs.
public struct OverridesAPI: Sendable {
    private let authentication: Authentication
    private let editor: any OverridesEditing

    /// Bytes of a body.
    static let maximumBodySize = 1 << 20
    /// Versions in one answer.
    static let maximumListed = 1000
    private static let path = "/api/v1/user-overrides"

    public init(authentication: Authentication, editor: any OverridesEditing) {
        self.authentication = authentication
        self.editor = editor
    }

    /// Looking up what is in force is ``LimitsAPI``.
    func addRoutes(to router: Router<APIContext>) {
        router.post(RouterPath(Self.path)) { request, _ in
            await answer(request) { try await merge(request, $0) }
        }
        router.delete(RouterPath(Self.path)) { request, _ in
            await answer(request) { try await edit(request, $0, .removeAll) }
        }
        router.get(RouterPath(Self.path + "/history")) { request, _ in
            await answer(request) { try await history(request, $0) }
        }
        router.post(RouterPath(Self.path + "/rollback")) { request, _ in
            await answer(request) { try await rollBack(request, $0) }
        }
    }

    private func answer(
        _ request: Request,
        _ body: (TenantID) async throws -> Response
    ) async -> Response {
        do {
            return try await body(try authentication.writer(request))
        } catch {
            return APIError(error).response()
        }
    }

    private func merge(_ request: Request, _ tenant: TenantID) async throws -> Response {
        let body: ByteBuffer
        do {
            body = try await request.body.collect(upTo: Self.maximumBodySize)
        } catch is NIOTooManyBytesError {
            throw APIError(
                .badData,
                "the limits have more than \(Self.maximumBodySize) bytes",
                status: .contentTooLarge
            )
        }
        guard let json = String(validating: body.readableBytesView, as: UTF8.self) else {
            throw APIError(.badData, "the limits are not UTF-8 text")
        }
        return try await edit(request, tenant, .merge(json: json))
    }

    private func rollBack(_ request: Request, _ tenant: TenantID) async throws -> Response {
        guard let version = try number("version", request, in: 1...Int64.max) else {
            throw APIError.badParameter("version", "it is missing; expected one of the history")
        }
        return try await edit(request, tenant, .restore(version: version))
    }

    private func edit(
        _ request: Request,
        _ tenant: TenantID,
        _ edit: OverridesEdit
    ) async throws -> Response {
        let version = try await editor.edit(
            edit,
            of: tenant,
            expectedVersion: try expectedVersion(request),
            author: try Self.text(Self.author.flatMap { request.headers[$0] }, "X-Engram-Author"),
            comment: try Self.text(parameters(request).first("comment"), "comment")
        )
        var response = Response(status: .ok)
        response.headers[.eTag] = Self.tag(version)
        return response
    }

    private func history(_ request: Request, _ tenant: TenantID) async throws -> Response {
        let limit =
            try number("limit", request, in: 1...Int64(Self.maximumListed)) ?? 100
        let before = try number("before", request, in: 1...Int64.max)
        let versions = try await editor.history(of: tenant, before: before, limit: Int(limit))
        var json = JSONBuffer()
        json.raw("{\"status\":\"success\",\"data\":")
        json.list(versions) { $0.version($1) }
        json.raw("}")
        return .json(json)
    }

    // MARK: Parameters

    private static let author = HTTPField.Name("X-Engram-Author")
    /// Bytes of an author's name or a comment.
    private static let maximumTextSize = 1000

    static func tag(_ version: Int64) -> String { "\"\(version)\"" }

    private func parameters(_ request: Request) -> FormParameters {
        var form = FormParameters()
        if let query = request.uri.query { form.add(urlEncoded: query) }
        return form
    }

    private static func text(_ text: String?, _ name: String) throws -> String {
        let text = text ?? ""
        guard text.utf8.count <= maximumTextSize, !text.utf8.contains(0) else {
            throw APIError.badParameter(
                name,
                "it has more than \(maximumTextSize) bytes, or the character NUL"
            )
        }
        return text
    }

    private func number(
        _ name: String,
        _ request: Request,
        in range: ClosedRange<Int64>
    ) throws -> Int64? {
        guard let text = parameters(request).first(name) else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw APIError.badParameter(
                name,
                "\"\(text)\" is no number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }

    /// The version that a change is meant for; nil where any is.
    private func expectedVersion(_ request: Request) throws -> Int64? {
        guard let text = request.headers[.ifMatch], text != "*" else { return nil }
        let digits = text.drop { $0 == "\"" }.prefix { $0 != "\"" }
        guard let version = Int64(digits), version >= 0 else {
            throw APIError(
                .badData,
                "If-Match: \(text.prefix(100)) is no version; expected what ETag had, such as \"7\""
            )
        }
        return version
    }
}

/// What becomes of a tenant's limits.
public enum OverridesEdit: Sendable, Equatable {
    /// The limits of a JSON object are set, those with null are taken back; the others stay.
    case merge(json: String)
    /// Every limit is taken back that may be changed.
    case removeAll
    /// All is as after an earlier change.
    case restore(version: Int64)
}

/// One change of a tenant's limits.
public struct OverridesVersion: Sendable, Equatable {
    /// A limit before and after it.
    public struct Change: Sendable, Equatable {
        public var name: String
        /// As JSON; nil where it was not set.
        public var before: String?
        public var after: String?

        public init(name: String, before: String?, after: String?) {
            self.name = name
            self.before = before
            self.after = after
        }
    }

    public var version: Int64
    /// Milliseconds since the Unix epoch.
    public var changedAt: Int64
    /// Empty where it is not known.
    public var author: String
    public var comment: String
    /// All limits that are set since then, as a JSON object.
    public var document: String
    public var changes: [Change]

    public init(
        version: Int64,
        changedAt: Int64,
        author: String,
        comment: String,
        document: String,
        changes: [Change]
    ) {
        self.version = version
        self.changedAt = changedAt
        self.author = author
        self.comment = comment
        self.document = document
        self.changes = changes
    }
}

/// Changes limits of tenants, and knows what they were.
public protocol OverridesEditing: Sendable {
    /// - Parameter expectedVersion: The version that the edit is meant for, 0 for none; nil where any is.
    /// - Returns: The version that is in force now.
    /// - Throws: ``OverridesError``.
    func edit(
        _ edit: OverridesEdit,
        of tenant: TenantID,
        expectedVersion: Int64?,
        author: String,
        comment: String
    ) async throws -> Int64

    /// A tenant's versions, newest first.
    ///
    /// - Parameter before: Only those before this one; nil for all.
    func history(
        of tenant: TenantID,
        before: Int64?,
        limit: Int
    ) async throws -> [OverridesVersion]
}

/// Why limits were not changed, or cannot be looked up.
public enum OverridesError: Error, Equatable {
    /// The edit is wrong, or not allowed.
    case refused(String)
    /// Another change came first; with the version that is in force.
    case conflict(current: Int64)
    /// The tenant never had the version.
    case unknownVersion(Int64)
    /// The store does not answer, or there is no end of other changes.
    case unavailable(String)
}

extension APIError {
    init(overrides error: OverridesError) {
        switch error {
        case .refused(let message): self.init(.badData, message)
        case .conflict(let current):
            self.init(
                .badData,
                "the tenant's limits were changed meanwhile: their version is \(current)",
                status: .preconditionFailed
            )
        case .unknownVersion(let version):
            self.init(.notFound, "the tenant's limits never had the version \(version)")
        case .unavailable(let cause):
            self.init(.unavailable, "limits cannot be looked up or changed now: \(cause)")
        }
    }
}

extension JSONBuffer {
    fileprivate mutating func version(_ version: OverridesVersion) {
        raw("{\"version\":")
        integer(version.version)
        raw(",\"changedAt\":")
        timestamp(version.changedAt)
        raw(",\"author\":")
        string(version.author)
        raw(",\"comment\":")
        string(version.comment)
        raw(",\"changes\":")
        list(version.changes) { json, change in
            json.raw("{\"limit\":")
            json.string(change.name)
            json.raw(",\"from\":")
            json.raw(json: change.before ?? "null")
            json.raw(",\"to\":")
            json.raw(json: change.after ?? "null")
            json.raw("}")
        }
        raw(",\"overrides\":")
        raw(json: version.document)
        raw("}")
    }
}
