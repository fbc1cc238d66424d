import HTTPTypes
import Hummingbird
import HummingbirdCore
import MetricsModel
import PromQL
import Querying
import Testing

@testable import PrometheusAPI

@Suite struct APIErrorTests {
    private struct Unknown: Error, CustomStringConvertible {
        var description: String { "the store's text" }
    }

    private static let table: [(any Error, Int, String, String)] = [
        (QueryError.badData("wrong"), 400, "bad_data", "wrong"),
        (
            QueryError.parse(ParseError(message: "unexpected", line: 1, column: 5)), 400,
            "bad_data",
            "invalid parameter \"query\": 1:5: parse error: unexpected"
        ),
        (
            QueryError.evaluation(.execution(message: "many-to-many")), 422, "execution",
            "many-to-many"
        ),
        (QueryError.evaluation(.invalidQuery(message: "no")), 400, "bad_data", "no"),
        (
            QueryError.evaluation(.unreadable(description: "x")), 500, "internal",
            "x"
        ),
        (
            QueryError.evaluation(.tooManySamples(limit: 1)), 422, "execution",
            "query processing would load too many samples into memory in query execution"
        ),
        (
            QueryError.evaluation(.timedOut), 503, "timeout",
            "query timed out in expression evaluation"
        ),
        (
            QueryError.evaluation(.cancelled), 499, "canceled",
            "query was canceled in expression evaluation"
        ),
        (QueryError.limit("too much"), 422, "execution", "too much"),
        (QueryError.timeout("late"), 503, "timeout", "late"),
        (QueryError.cancelled, 499, "canceled", "query was canceled in query execution"),
        (
            QueryError.tooManyWaiting(limit: 2), 429, "too_many_requests",
            "too many outstanding requests: 2 queries wait already"
        ),
        (QueryError.unavailable("away"), 503, "unavailable", "away"),
        (QueryError.storeAway("away"), 503, "unavailable", "away"),
        (QueryError.damaged("block 1"), 500, "internal", "block 1"),
        (TenantError.empty, 401, "bad_data", "no org id"),
        (TenantError.reserved(".."), 400, "bad_data", "tenant ID \"..\" is reserved"),
        (CancellationError(), 499, "canceled", "the request was canceled"),
        (Unknown(), 500, "internal", "the store's text"),
        (APIError(.notFound, "gone"), 404, "not_found", "gone"),
        (APIError(.notAcceptable, "no"), 406, "not_acceptable", "no"),
        (
            APIError.badParameter("step", "bad"), 400, "bad_data",
            "invalid parameter \"step\": bad"
        ),
    ]

    @Test(arguments: table.indices)
    func `each error has a type, a status and a text`(row: Int) {
        let (error, status, type, text) = Self.table[row]
        let mapped = APIError(error)
        #expect(mapped.status.code == status)
        #expect(mapped.kind.rawValue == type)
        #expect(mapped.message == text)
        #expect(mapped.response().headers[.contentType] == "application/json")
    }
}
