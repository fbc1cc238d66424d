internal import MetricsModel

/// What several lists hold, once each, in the order of bytes.
///
/// Lists are sorted most often, and many of them alike, as those of one label in the blocks of several hours; but they come
/// from other processes too, and one that is not sorted is sorted here.
enum SortedUnion {
    /// Unites strings by their bytes: two that only look the same are two.
    static func strings(_ lists: [[String]]) -> [String] { unite(lists, order) }

    static func labels(_ lists: [[Labels]]) -> [Labels] {
        unite(lists) { $0 == $1 ? 0 : $0 < $1 ? -1 : 1 }
    }

    /// - Parameter order: Less than zero where the first comes before the second, zero where they are the same.
    private static func unite<Element>(
        _ lists: [[Element]],
        _ order: (Element, Element) -> Int
    ) -> [Element] {
        var lists = lists.filter { !$0.isEmpty }.map { ascending($0, order) }
        // Two by two, so that an element is looked at as often as the lists can be halved, and lists alike are soon one.
        while lists.count > 1 {
            lists = stride(from: 0, to: lists.count, by: 2).map { index in
                guard index + 1 < lists.count else { return lists[index] }
                return united(lists[index], lists[index + 1], order)
            }
        }
        return lists.first ?? []
    }

    /// Two ascending lists as one.
    private static func united<Element>(
        _ left: [Element],
        _ right: [Element],
        _ order: (Element, Element) -> Int
    ) -> [Element] {
        var (atLeft, atRight) = (0, 0)
        while atLeft < left.count, atLeft < right.count, order(left[atLeft], right[atLeft]) == 0 {
            atLeft += 1
        }
        if atLeft == right.count { return left }
        if atLeft == left.count { return right }
        atRight = atLeft
        var united = Array(left[..<atLeft])
        united.reserveCapacity(max(left.count, right.count) + 16)
        while atLeft < left.count, atRight < right.count {
            let order = order(left[atLeft], right[atRight])
            united.append(order <= 0 ? left[atLeft] : right[atRight])
            if order <= 0 { atLeft += 1 }
            if order >= 0 { atRight += 1 }
        }
        united += left[atLeft...]
        united += right[atRight...]
        return united
    }

    /// A list in order, with each element once.
    private static func ascending<Element>(
        _ list: [Element],
        _ order: (Element, Element) -> Int
    ) -> [Element] {
        guard list.indices.dropFirst().contains(where: { order(list[$0 - 1], list[$0]) >= 0 })
        else { return list }
        var unique: [Element] = []
        for element in list.sorted(by: { order($0, $1) < 0 })
        where unique.last.map({ order($0, element) < 0 }) ?? true {
            unique.append(element)
        }
        return unique
    }

    private static func order(_ left: String, _ right: String) -> Int {
        var left = left
        var right = right
        return left.withUTF8 { left in right.withUTF8 { right in compareBytes(left, right) } }
    }
}
