internal import HTTPTypes
public import HashRing
internal import Hummingbird

/// The ring as operators see it.
public struct RingAPI: Sendable {
    private let members: @Sendable () -> [RingMember]

    /// - Parameter members: The last good copy of the ring.
    public init(members: @escaping @Sendable () -> [RingMember]) { self.members = members }

    func addRoutes(to router: Router<APIContext>) {
        let members = members
        router.get("/ingester/ring") { _, _ in Self.list(members()) }
    }

    private static func list(_ members: [RingMember]) -> Response {
        var json = JSONBuffer()
        json.raw("{\"members\":[")
        for (index, member) in members.enumerated() {
            if index > 0 { json.raw(",") }
            json.raw("{\"instance\":")
            json.string(member.instance)
            json.raw(",\"state\":")
            json.string(member.state.rawValue)
            json.raw(",\"zone\":")
            json.string(member.zone)
            json.raw(",\"address\":")
            json.string(member.address)
            json.raw(",\"http_address\":")
            json.string(member.httpAddress)
            json.raw(",\"tokens\":")
            json.integer(UInt64(member.tokens.count))
            json.raw(",\"heartbeat_age_ms\":")
            json.integer(UInt64(max(0, member.heartbeatAge)))
            json.raw("}")
        }
        json.raw("]}")
        return .json(json)
    }
}
