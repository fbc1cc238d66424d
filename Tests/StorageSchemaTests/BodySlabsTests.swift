import ClusterInterface
import StorageSchema
import Testing

@Suite struct BodySlabsTests {
    @Test(arguments: [
        (size: 0, slabs: []), (size: 1, slabs: [0..<1]), (size: 4, slabs: [0..<4]),
        (size: 5, slabs: [0..<4, 4..<5]), (size: 8, slabs: [0..<4, 4..<8]),
    ])
    func `a body is cut into full slabs and a rest`(size: Int, slabs: [Range<Int>]) {
        #expect(BodySlabs(size: size, slabSize: 4).slabs == slabs)
    }

    @Test func `all ranges of a small body are covered exactly`() throws {
        let body = Array(0..<11)
        let slabs = BodySlabs(size: body.count, slabSize: 4)
        for start in 0...11 {
            for end in start...11 {
                let slices = try slabs.slices(of: [0..<2, start..<end])
                var parts: [[Int]] = [[], []]
                for slice in slices {
                    let first = slice.slab * 4 + slice.offset
                    #expect(slice.length > 0 && slice.offset + slice.length <= 4)
                    parts[slice.rangeIndex] += body[first..<first + slice.length]
                }
                #expect(parts == [[0, 1], Array(body[start..<end])])
            }
        }
    }

    @Test(arguments: [-1..<2, 10..<12, 12..<12])
    func `a range that leaves the body is missing`(range: Range<Int>) {
        #expect(throws: StoreError.missing("bytes \(range) of a block of 11 bytes")) {
            try BodySlabs(size: 11, slabSize: 4).slices(of: [range])
        }
    }
}
