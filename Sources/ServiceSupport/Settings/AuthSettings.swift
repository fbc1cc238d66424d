/// Which tenant a request belongs to.
public struct AuthSettings: Sendable, Equatable {
    /// How requests name their tenant.
    public enum Mode: String, Sendable, CaseIterable {
        /// Every request belongs to the tenant `anonymous`.
        case none
        /// The header `X-Scope-OrgID` is required.
        case header
    }

    /// Key `auth.mode`.
    public var mode = Mode.none

    /// The tenant of every request in mode `none`.
    public var noneTenant: String { "anonymous" }

    static let keys = [
        ConfigurationKey(
            "auth.mode",
            \.auth.mode,
            .choice.refusing(
                "token",
                because: "token is not available in this version; expected one of none, header"
            ),
            for: [.engram, .distributor, .querier],
            """
            How a request names its tenant: `none` (one tenant, `anonymous`) or `header` \
            (`X-Scope-OrgID` is required; put a trusted proxy in front).
            """
        )
    ]
}
