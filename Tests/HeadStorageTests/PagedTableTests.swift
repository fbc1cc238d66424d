import TestSupport
import Testing

@testable import HeadStorage

@Suite struct PagedTableTests {
    @Test func `elements keep their numbers while the table grows`() {
        var table = PagedTable<UInt32>(pageShift: 3)
        for number in 0..<1000 as Range<UInt32> { table.append(number * 7) }
        for number in 0..<1000 as Range<UInt32> {
            let element = table[number].pointee
            #expect(element == number * 7)
        }
        let count = table.count
        #expect(count == 1000)
    }

    @Test(arguments: [3, 5, 8] as [UInt32])
    func `runs lie in a row wherever they begin`(pageShift: UInt32) {
        var table = PagedTable<UInt8>(pageShift: pageShift)
        var random = SeededGenerator(seed: 4)
        var runs: [(start: UInt32, bytes: [UInt8])] = []
        for _ in 0..<500 {
            let size = Int.random(in: 1...(1 << Int(pageShift)), using: &random)
            let bytes = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            let start = table.append(run: size) { target in
                for (offset, byte) in bytes.enumerated() { target[offset] = byte }
            }
            runs.append((start, bytes))
        }
        for (start, bytes) in runs {
            let first = table[start]
            #expect((0..<bytes.count).map { first[$0] } == bytes)
        }
    }

    @Test func `a table with few elements is small`() {
        var table = PagedTable<UInt64>(pageShift: 9)
        #expect(table.size == 0)
        table.append(1)
        #expect(table.size <= 128)
    }
}
