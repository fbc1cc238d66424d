internal import MetricsModel

/// What several sorted lists hold, once each, in the order of bytes.
///
/// Most often there is one list and nothing to do but to see that it is sorted: lists come from other processes too.
enum SortedUnion {
    /// Unites strings by their bytes: two that only look the same are two.
    static func strings(_ lists: [[String]]) -> [String] { unite(lists, precedes) }

    static func labels(_ lists: [[Labels]]) -> [Labels] { unite(lists, <) }

    private static func unite<Element>(
        _ lists: [[Element]],
        _ precedes: (Element, Element) -> Bool
    ) -> [Element] {
        let filled = lists.filter { !$0.isEmpty }
        guard let first = filled.first else { return [] }
        if filled.count == 1, isAscending(first, precedes) { return first }
        var all = Array(filled.joined())
        // Lists that are sorted are runs, which this sort only merges.
        all.sort(by: precedes)
        var kept = 1
        for index in 1..<max(all.count, 1) where precedes(all[kept - 1], all[index]) {
            all[kept] = all[index]
            kept += 1
        }
        all.removeSubrange(kept...)
        return all
    }

    private static func isAscending<Element>(
        _ list: [Element],
        _ precedes: (Element, Element) -> Bool
    ) -> Bool {
        for index in list.indices.dropFirst() where !precedes(list[index - 1], list[index]) {
            return false
        }
        return true
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        var left = left
        var right = right
        return left.withUTF8 { left in right.withUTF8 { right in compareBytes(left, right) < 0 } }
    }
}
