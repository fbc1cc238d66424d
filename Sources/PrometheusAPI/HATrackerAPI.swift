public import Distribution
internal import HTTPTypes
internal import Hummingbird
internal import MetricsModel

/// The pairs of senders as operators see them, and elections by hand.
public struct HATrackerAPI: Sendable {
    private let distributor: Distributor
    /// Milliseconds since the Unix epoch.
    private let now: @Sendable () -> Int64

    static let path: RouterPath = "/distributor/ha_tracker"

    public init(distributor: Distributor, now: @escaping @Sendable () -> Int64) {
        self.distributor = distributor
        self.now = now
    }

    func addRoutes(to router: Router<APIContext>) {
        router.get(Self.path) { request, _ in show(request) }
        router.post(Self.path) { try await elect($0, $1) }
    }

    /// As JSON where that is asked for, else as a page.
    private func show(_ request: Request) -> Response {
        let clusters = distributor.haClusters
        let accepted = request.headers[.accept] ?? ""
        guard
            request.uri.queryParameters["format"] == "json"
                || accepted.contains("application/json")
        else {
            return .text(
                HATrackerPage.html(clusters, now: now()),
                contentType: "text/html; charset=utf-8"
            )
        }
        return .json(Self.json(clusters))
    }

    private func elect(_ request: Request, _ context: APIContext) async throws -> Response {
        do {
            let parameters = try await QueryParameterReader(request, context, now: now())
            let tenant = try TenantID(try Self.required("tenant", parameters))
            let cluster = try Self.required("cluster", parameters)
            let replica = try Self.required("replica", parameters)
            guard HAClusterID.isName(replica) else {
                throw APIError.badParameter(
                    "replica",
                    "it has more than \(HAClusterID.maximumNameSize) bytes, or the character NUL"
                )
            }
            let isKnown = try await distributor.elect(
                replica,
                of: HAClusterID(tenant: tenant, cluster: cluster),
                at: now()
            )
            guard isKnown else {
                return .text(
                    "the tenant \(tenant) has no cluster \"\(cluster)\" of senders\n",
                    status: .notFound
                )
            }
            return Response(status: .noContent)
        } catch let error as TenantError {
            return .text("tenant: \(error)\n", status: .badRequest)
        } catch let error as APIError {
            return error.response()
        } catch {
            return .text("nothing was elected: \(error)\n", status: .serviceUnavailable)
        }
    }

    private static func required(
        _ name: String,
        _ parameters: QueryParameterReader
    ) throws(APIError) -> String {
        guard let text = parameters.text(name) else {
            throw .badParameter(
                name,
                "it is missing; expected tenant, cluster and the replica to elect"
            )
        }
        return text
    }

    /// Times are seconds since the Unix epoch, null where there is none.
    static func json(_ clusters: [HAClusterStatus]) -> JSONBuffer {
        var json = JSONBuffer()
        json.raw("{\"clusters\":")
        json.list(clusters) { json, status in
            json.raw("{\"tenant\":")
            json.string(status.cluster.tenant.name)
            json.raw(",\"cluster\":")
            json.string(status.cluster.cluster)
            json.raw(",\"replica\":")
            json.string(status.replica)
            json.raw(",\"elected_at\":")
            json.timestamp(status.electedAt)
            json.raw(",\"received_at\":")
            json.timestamp(status.receivedAt)
            json.raw(",\"newest_sample\":")
            time(status.newestSample, &json)
            json.raw(",\"start_time\":")
            time(status.startTime, &json)
            json.raw(",\"version\":")
            json.integer(status.version)
            json.raw(",\"kept_bytes\":")
            json.integer(UInt64(max(0, status.keptSize)))
            json.raw(",\"replicas\":")
            json.list(status.replicas) { json, replica in
                json.raw("{\"name\":")
                json.string(replica.name)
                json.raw(",\"received_at\":")
                json.timestamp(replica.receivedAt)
                json.raw("}")
            }
            json.raw("}")
        }
        json.raw("}")
        return json
    }

    private static func time(_ milliseconds: Int64?, _ json: inout JSONBuffer) {
        if let milliseconds { json.timestamp(milliseconds) } else { json.raw("null") }
    }
}
