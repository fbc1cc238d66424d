import MetricsModel
import Testing

@testable import Querying

@Suite struct TenantSetTests {
    @Test(arguments: [
        ("a", ["a"]), ("b|a", ["a", "b"]), ("a|a", ["a"]), ("c|b|a|b", ["a", "b", "c"]),
    ])
    func `names are sorted and without repeats`(text: String, names: [String]) throws {
        let set = try TenantSet(parsing: text)
        #expect(set.tenants.map(\.name) == names)
        #expect(set.isFederated == (names.count > 1))
    }

    @Test(arguments: [
        ("", TenantError.empty), ("a|", .empty), ("|a", .empty), ("a||b", .empty),
        ("a|..", .reserved("..")), ("a b", .forbiddenCharacter(0x20)),
        ("a|b/c", .forbiddenCharacter(0x2F)), ("a,b", .forbiddenCharacter(0x2C)),
    ])
    func `every name is checked`(text: String, error: TenantError) {
        #expect(throws: error) { try TenantSet(parsing: text) }
    }

    @Test func `the number of tenants is bounded`() throws {
        let names = (0..<65).map { "t\($0)" }
        #expect(
            try TenantSet(parsing: names.dropLast().joined(separator: "|")).tenants.count == 64
        )
        #expect(throws: TenantError.tooMany(65, limit: 64)) {
            try TenantSet(parsing: names.joined(separator: "|"))
        }
        // Repeats do not count.
        #expect(
            try TenantSet(parsing: Array(repeating: "a", count: 200).joined(separator: "|"))
                .tenants.count == 1
        )
    }

    @Test(arguments: [
        (LabelMatcher.Operation.equal, "b", ["b"]), (.notEqual, "b", ["a", "c"]),
        (.matches, "a|b", ["a", "b"]), (.notMatches, "a|b", ["c"]), (.equal, "", []),
        (.notEqual, "", ["a", "b", "c"]), (.matches, ".*", ["a", "b", "c"]),
    ])
    func `matchers on the tenant prune tenants and are dropped`(
        operation: LabelMatcher.Operation,
        value: String,
        expected: [String]
    ) throws {
        let set = try TenantSet(parsing: "a|b|c")
        let other = LabelMatcher(name: "job", equals: "x")
        let onTenant = try LabelMatcher(
            name: "__tenant_id__",
            operation: operation,
            value: value
        )
        let (tenants, matchers) = set.pruned([onTenant, other])
        #expect(tenants.map(\.name) == expected)
        #expect(matchers == [other])
    }

    @Test func `a single tenant's labels of that name are like any other`() throws {
        let matchers = [LabelMatcher(name: "__tenant_id__", equals: "x")]
        let (tenants, left) = try TenantSet(parsing: "a|a").pruned(matchers)
        #expect(tenants.map(\.name) == ["a"])
        #expect(left == matchers)
    }

    @Test func `a matcher on the renamed label tests the label in store`() throws {
        let matcher = try LabelMatcher(
            name: "original___tenant_id__",
            operation: .matches,
            value: "x.*"
        )
        let (_, left) = try TenantSet(parsing: "a|b").pruned([matcher])
        #expect(
            left == [try LabelMatcher(name: "__tenant_id__", operation: .matches, value: "x.*")]
        )
        #expect(left.allMatch(["__tenant_id__": "xyz"]))
    }

    @Test func `series get the tenant's label, and their own of that name another`() throws {
        let tenant = try TenantID("a")
        #expect(
            TenantSet.labels(["__name__": "up"], of: tenant)
                == ["__name__": "up", "__tenant_id__": "a"]
        )
        #expect(
            TenantSet.labels(["__name__": "up", "__tenant_id__": "own"], of: tenant)
                == [
                    "__name__": "up", "__tenant_id__": "a", "original___tenant_id__": "own",
                ]
        )
    }
}
