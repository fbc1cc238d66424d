internal import ClusterInterface
public import MetricsModel

/// One cluster of senders: those of a tenant whose series have the same value of the cluster label.
public struct HAClusterID: Sendable, Hashable, Comparable {
    public var tenant: TenantID
    /// Value of the cluster label.
    public var cluster: String

    public init(tenant: TenantID, cluster: String) {
        self.tenant = tenant
        self.cluster = cluster
    }

    /// Bytes that the name of a cluster or a replica may have.
    public static let maximumNameSize = HAElectionChange.maximumNameSize

    /// Whether a text can name a cluster or a replica: not empty, not too long, without the character NUL.
    public static func isName(_ text: String) -> Bool {
        (1...maximumNameSize).contains(text.utf8.count) && !text.utf8.contains(0)
    }

    public static func < (left: HAClusterID, right: HAClusterID) -> Bool {
        (left.tenant.name, left.cluster) < (right.tenant.name, right.cluster)
    }
}

/// By which labels a tenant's pairs of senders are told apart.
public struct HALabels: Sendable, Equatable {
    /// Name of the label that both senders of a pair have with the same value.
    public var cluster: [UInt8]
    /// Name of the label that each of them has with a value of its own; it is dropped.
    public var replica: [UInt8]
    /// Clusters that the tenant may have; 0 is no limit.
    public var maximumClusters: Int

    public init(cluster: String, replica: String, maximumClusters: Int = 0) {
        self.cluster = Array(cluster.utf8)
        self.replica = Array(replica.utf8)
        self.maximumClusters = maximumClusters
    }
}

/// What a request says about who sent it.
struct HAClaim: Sendable, Equatable {
    var cluster: HAClusterID
    var replica: String
    /// Milliseconds; nil where the request has no samples.
    var newestSample: Int64?
}
