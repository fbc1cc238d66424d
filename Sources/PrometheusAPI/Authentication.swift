internal import HTTPTypes
internal import Hummingbird
public import MetricsModel
internal import Querying

/// How a request tells its tenant.
public enum Authentication: Sendable {
    /// Everything belongs to one tenant; the header is not read.
    case none(TenantID)
    /// `X-Scope-OrgID` must name the tenant, which a trusted proxy in front has checked.
    case header

    static let field = HTTPField.Name("X-Scope-OrgID")

    /// The one tenant that a write is for.
    func writer(_ request: Request) throws -> TenantID {
        switch self {
        case .none(let tenant): tenant
        case .header: try TenantID(try Self.value(request))
        }
    }

    /// The tenants that a query reads.
    func readers(_ request: Request) throws -> TenantSet {
        switch self {
        case .none(let tenant): TenantSet(tenant)
        case .header: try TenantSet(parsing: try Self.value(request))
        }
    }

    private static func value(_ request: Request) throws(TenantError) -> String {
        guard let field, let value = request.headers[field], !value.isEmpty else { throw .empty }
        return value
    }
}
