internal import MetricsModel
internal import PromQL

/// The series of one selector over several tenants, one tenant after the other.
struct FederatedSeries: SizedSource {
    private let tenants: [GatheredSeries]
    /// Where each tenant's series end.
    private let ends: [Int]

    init(_ tenants: [GatheredSeries]) {
        self.tenants = tenants
        var ends: [Int] = []
        for tenant in tenants { ends.append((ends.last ?? 0) + tenant.count) }
        self.ends = ends
    }

    var count: Int { ends.last ?? 0 }

    var size: Int { tenants.reduce(0) { $0 + $1.size } }

    func labels(at index: Int) -> Labels {
        let (tenant, index) = place(index)
        return tenants[tenant].labels(at: index)
    }

    func read(_ index: Int, into columns: inout SampleColumns) throws {
        try read(index, needed: .all, into: &columns)
    }

    func read(_ index: Int, needed: NeededValues, into columns: inout SampleColumns) throws {
        let (tenant, index) = place(index)
        try tenants[tenant].read(index, needed: needed, into: &columns)
    }

    private func place(_ index: Int) -> (tenant: Int, index: Int) {
        let tenant = ends.firstIndex { index < $0 } ?? 0
        return (tenant, index - (tenant == 0 ? 0 : ends[tenant - 1]))
    }
}
