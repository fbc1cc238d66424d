import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MetricsModel
import NIOCore
import Synchronization
import Testing

@testable import PrometheusAPI

@Suite struct OverridesRouteTests {
    /// Remembers what it is asked, and answers what it is told.
    private final class Editor: OverridesEditing {
        struct Call: Equatable {
            var edit: OverridesEdit
            var tenant: TenantID
            var expectedVersion: Int64?
            var author: String
            var comment: String
        }

        let calls = Mutex<[Call]>([])
        let error = Mutex<OverridesError?>(nil)
        let asked = Mutex<[String]>([])

        func edit(
            _ edit: OverridesEdit,
            of tenant: TenantID,
            expectedVersion: Int64?,
            author: String,
            comment: String
        ) async throws -> Int64 {
            if let error = error.withLock({ $0 }) { throw error }
            calls.withLock {
                $0.append(
                    Call(
                        edit: edit,
                        tenant: tenant,
                        expectedVersion: expectedVersion,
                        author: author,
                        comment: comment
                    )
                )
            }
            return 12
        }

        func history(
            of tenant: TenantID,
            before: Int64?,
            limit: Int
        ) async throws -> [OverridesVersion] {
            if let error = error.withLock({ $0 }) { throw error }
            asked.withLock { $0.append("\(tenant) \(before ?? 0) \(limit)") }
            return [
                OverridesVersion(
                    version: 9,
                    changedAt: 1_500,
                    author: "a\"b",
                    comment: "",
                    document: #"{"x":1}"#,
                    changes: [.init(name: "x", before: nil, after: "1")]
                )
            ]
        }
    }

    private func serve(
        _ editor: Editor,
        _ body: @Sendable @escaping (Client) async throws -> Void
    ) async throws {
        let router = Router(context: APIContext.self)
        OverridesAPI(authentication: .header, editor: editor).addRoutes(to: router)
        try await Application(router: router).test(.router) {
            try await body(Client(client: $0))
        }
    }

    private static let path = "/api/v1/user-overrides"

    @Test func `changes name tenant, version, author and comment`() async throws {
        let editor = Editor()
        try await serve(editor) { client async throws in
            let set = try await client.send(
                .post,
                Self.path + "?comment=more%20hosts",
                tenant: "a",
                body: ByteBuffer(string: #"{"ingestion_rate": 5}"#)
            ) {
                $0[.ifMatch] = "\"7\""
                if let name = HTTPField.Name("X-Engram-Author") { $0[name] = "ann" }
            }
            #expect(set.status == 200 && set.body.isEmpty)
            #expect(set.headers[.eTag] == "\"12\"")
            #expect(try await client.send(.delete, Self.path, tenant: "b").status == 200)
            let back = try await client.post(Self.path + "/rollback?version=3", tenant: "a")
            #expect(back.status == 200)
        }
        let (a, b) = (try TenantID("a"), try TenantID("b"))
        let calls = editor.calls.withLock { $0 }
        #expect(calls.count == 3)
        #expect(
            calls.first
                == .init(
                    edit: .merge(json: #"{"ingestion_rate": 5}"#),
                    tenant: a,
                    expectedVersion: 7,
                    author: "ann",
                    comment: "more hosts"
                )
        )
        #expect(calls[1].edit == .removeAll && calls[1].tenant == b)
        #expect(calls[1].expectedVersion == nil && calls[1].author.isEmpty)
        #expect(calls[2].edit == .restore(version: 3))
    }

    @Test func `history has times, and what changed from what to what`() async throws {
        let editor = Editor()
        try await serve(editor) { client async throws in
            let answer = try await client.get(
                Self.path + "/history?limit=5&before=10",
                tenant: "a"
            )
            #expect(
                answer.body
                    == #"{"status":"success","data":[{"version":9,"changedAt":1.500,"#
                    + #""author":"a\"b","comment":"","changes":[{"limit":"x","from":null,"to":1}],"#
                    + #""overrides":{"x":1}}]}"#
            )
            #expect(try await client.get(Self.path + "/history", tenant: "a").status == 200)
        }
        #expect(editor.asked.withLock { $0 } == ["a 10 5", "a 0 100"])
    }

    @Test func `errors have their status, and nothing is done`() async throws {
        let editor = Editor()
        try await serve(editor) { client async throws in
            #expect(try await client.post(Self.path, "{}").status == 401)
            #expect(try await client.post(Self.path, "{}", tenant: "a|b").status == 400)
            for query in ["", "?version=x", "?version=0", "?version=99999999999999999999"] {
                let answer = try await client.post(Self.path + "/rollback" + query, tenant: "a")
                #expect(answer.status == 400, "\(answer.body)")
            }
            let bytes = try await client.send(
                .post,
                Self.path,
                tenant: "a",
                body: ByteBuffer(bytes: [0xff])
            )
            #expect(bytes.status == 400)
            let large = String(repeating: "x", count: OverridesAPI.maximumBodySize + 1)
            #expect(try await client.post(Self.path, large, tenant: "a").status == 413)
            let long = String(repeating: "c", count: 1001)
            let comment = try await client.post(Self.path + "?comment=\(long)", tenant: "a")
            #expect(comment.status == 400)
            let match = try await client.send(.delete, Self.path, tenant: "a") {
                $0[.ifMatch] = "W/x"
            }
            #expect(match.status == 400 && match.body.contains("If-Match"))
            for query in ["limit=0", "limit=1001", "before=-1"] {
                let answer = try await client.get(Self.path + "/history?" + query, tenant: "a")
                #expect(answer.status == 400, "\(query)")
            }
            let errors: [(OverridesError, Int, String)] = [
                (.refused("limit x is bad"), 400, "limit x is bad"),
                (.conflict(current: 5), 412, "5"),
                (.unknownVersion(8), 404, "8"), (.unavailable("gone"), 503, "gone"),
            ]
            for (error, status, part) in errors {
                editor.error.withLock { $0 = error }
                let answer = try await client.post(Self.path, "{}", tenant: "a")
                #expect(answer.status == status && answer.body.contains(part), "\(answer.body)")
            }
            #expect(try await client.get(Self.path + "/history", tenant: "a").status == 503)
        }
        #expect(editor.calls.withLock { $0 }.isEmpty)
    }
}
