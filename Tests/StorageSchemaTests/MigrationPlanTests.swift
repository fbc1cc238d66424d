import ClusterInterface
import Foundation
import SchemaMigrations
import StorageSchema
import Testing

@Suite struct MigrationPlanTests {
    private let shipped = SchemaMigrations.postgres

    private func applied(_ count: Int) -> [AppliedMigration] {
        shipped.prefix(count).map { AppliedMigration(version: $0.version, checksum: $0.checksum) }
    }

    @Test func `what is missing is pending, in order`() throws {
        for count in 0...shipped.count {
            let plan = try MigrationPlan(applied: applied(count).reversed(), shipped: shipped)
            #expect(plan.pending == Array(shipped.dropFirst(count)))
        }
    }

    @Test func `an old schema is not the current one`() throws {
        try MigrationPlan.requireCurrent(applied: applied(shipped.count), shipped: shipped)
        #expect(throws: StoreError.schemaMismatch(found: 1, needed: shipped.count)) {
            try MigrationPlan.requireCurrent(applied: applied(1), shipped: shipped)
        }
    }

    @Test func `a newer schema is refused`() {
        let next = shipped.count + 1
        let newer = applied(shipped.count) + [AppliedMigration(version: next, checksum: "")]
        #expect(throws: StoreError.schemaMismatch(found: next, needed: shipped.count)) {
            try MigrationPlan(applied: newer, shipped: shipped)
        }
    }

    @Test func `a changed or a skipped migration is refused`() {
        var changed = applied(2)
        changed[1].checksum = "0"
        #expect(throws: StoreError.self) { try MigrationPlan(applied: changed, shipped: shipped) }
        let skipped = Array(applied(2).dropFirst())
        #expect(throws: StoreError.self) { try MigrationPlan(applied: skipped, shipped: shipped) }
    }
}
