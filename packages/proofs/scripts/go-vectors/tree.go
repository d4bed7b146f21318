package main

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// tileHeight is that of C2SP tlog-tiles.
const tileHeight = 8

// A tree is a log in memory, the way tlog stores it.
type tree struct {
	size   int64
	hashes []tlog.Hash
}

// growTree makes a tree of that many leaves, whose data is their index in 4 bytes, big-endian.
func growTree(size int64) (*tree, error) {
	grown := &tree{}
	for ; grown.size < size; grown.size++ {
		added, err := tlog.StoredHashes(grown.size, entry(grown.size), grown)
		if err != nil {
			return nil, err
		}
		grown.hashes = append(grown.hashes, added...)
	}
	return grown, nil
}

// ReadHashes makes a tree a tlog.HashReader; a smaller tree's hashes come first in it.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		found[i] = t.hashes[index]
	}
	return found, nil
}

func entry(index int64) []byte {
	return binary.BigEndian.AppendUint32(nil, uint32(index))
}

type inclusion struct {
	Index int64       `json:"index"`
	Path  []tlog.Hash `json:"path"`
}

type consistency struct {
	From int64       `json:"from"`
	Path []tlog.Hash `json:"path"`
}

type treeVector struct {
	Size        int64         `json:"size"`
	Root        tlog.Hash     `json:"root"`
	Inclusion   []inclusion   `json:"inclusion"`
	Consistency []consistency `json:"consistency"`
}

type tileFile struct {
	Path   string    `json:"path"`
	SHA256 tlog.Hash `json:"sha256"`
}

type tileVector struct {
	From  int64      `json:"from"`
	To    int64      `json:"to"`
	Files []tileFile `json:"files"`
}

type invalidInclusion struct {
	What  string      `json:"what"`
	Size  int64       `json:"size"`
	Root  tlog.Hash   `json:"root"`
	Index int64       `json:"index"`
	Leaf  tlog.Hash   `json:"leaf"`
	Path  []tlog.Hash `json:"path"`
}

type invalidConsistency struct {
	What    string      `json:"what"`
	From    int64       `json:"from"`
	OldRoot tlog.Hash   `json:"oldRoot"`
	To      int64       `json:"to"`
	NewRoot tlog.Hash   `json:"newRoot"`
	Path    []tlog.Hash `json:"path"`
}

func treeVectors() (any, error) {
	all, err := growTree(70000)
	if err != nil {
		return nil, err
	}
	answer := struct {
		About              string               `json:"about"`
		Roots              []tlog.Hash          `json:"roots"`
		Trees              []treeVector         `json:"trees"`
		Tiles              []tileVector         `json:"tiles"`
		InvalidInclusion   []invalidInclusion   `json:"invalidInclusion"`
		InvalidConsistency []invalidConsistency `json:"invalidConsistency"`
	}{About: "Written by golang.org/x/mod/sumdb/tlog. Data of leaf i: i in 4 bytes, big-endian. roots[i] is of size i + 1. tiles: the files that growing from one size to another adds."}
	for size := int64(1); size <= 300; size++ {
		root, err := tlog.TreeHash(size, all)
		if err != nil {
			return nil, err
		}
		answer.Roots = append(answer.Roots, root)
	}
	for _, size := range []int64{1, 2, 3, 7, 8, 255, 256, 257, 1000, 4096, 5000, 65537} {
		vector, err := all.vectorOf(size)
		if err != nil {
			return nil, err
		}
		answer.Trees = append(answer.Trees, vector)
	}
	steps := [][2]int64{{0, 1}, {0, 70000}, {65000, 66000}, {65535, 65536}}
	for width := int64(1); width < 256; width++ {
		steps = append(steps, [2]int64{0, width}, [2]int64{1024 + width - 1, 1024 + width})
	}
	for _, step := range steps {
		vector, err := all.tilesOf(step[0], step[1])
		if err != nil {
			return nil, err
		}
		answer.Tiles = append(answer.Tiles, vector)
	}
	answer.InvalidInclusion, answer.InvalidConsistency, err = all.invalid(1000, 257)
	return answer, err
}

func (t *tree) vectorOf(size int64) (vector treeVector, err error) {
	vector.Size = size
	if vector.Root, err = tlog.TreeHash(size, t); err != nil {
		return vector, err
	}
	for _, index := range picks(size - 1) {
		path, err := tlog.ProveRecord(size, index, t)
		if err != nil {
			return vector, err
		}
		vector.Inclusion = append(vector.Inclusion, inclusion{index, list(path)})
	}
	for _, from := range picks(size) {
		if from == 0 {
			continue
		}
		path, err := tlog.ProveTree(size, from, t)
		if err != nil {
			return vector, err
		}
		vector.Consistency = append(vector.Consistency, consistency{from, list(path)})
	}
	return vector, nil
}

// picks are numbers up to last where trees change their form: all of the first, then those around powers of two.
func picks(last int64) (picked []int64) {
	near := map[int64]bool{last - 1: true, last / 2: true, last / 3: true}
	for power := int64(8); power <= last; power *= 2 {
		near[power-1], near[power] = true, true
	}
	for number := int64(0); number <= last; number++ {
		if number < 8 || number == last || near[number] {
			picked = append(picked, number)
		}
	}
	return picked
}

func (t *tree) tilesOf(from, to int64) (tileVector, error) {
	vector := tileVector{From: from, To: to}
	for _, tile := range tlog.NewTiles(tileHeight, from, to) {
		data, err := tlog.ReadTileData(tile, t)
		if err != nil {
			return vector, err
		}
		// tlog names the height in the path, tlog-tiles does not.
		path := "tile/" + strings.TrimPrefix(tile.Path(), "tile/8/")
		vector.Files = append(vector.Files, tileFile{path, sha256.Sum256(data)})
	}
	return vector, nil
}

// invalid are altered proofs, those kept that tlog refuses.
func (t *tree) invalid(size, from int64) (records []invalidInclusion, trees []invalidConsistency, err error) {
	root, _ := tlog.TreeHash(size, t)
	oldRoot, _ := tlog.TreeHash(from, t)
	index := int64(300)
	path, err := tlog.ProveRecord(size, index, t)
	if err != nil {
		return nil, nil, err
	}
	leaf := tlog.RecordHash(entry(index))
	for what, one := range map[string]invalidInclusion{
		"short path":    {Size: size, Root: root, Index: index, Leaf: leaf, Path: path[:len(path)-1]},
		"long path":     {Size: size, Root: root, Index: index, Leaf: leaf, Path: append(list(path), root)},
		"first dropped": {Size: size, Root: root, Index: index, Leaf: leaf, Path: path[1:]},
		"other index":   {Size: size, Root: root, Index: index + 1, Leaf: leaf, Path: path},
		"other size":    {Size: 512, Root: root, Index: index, Leaf: leaf, Path: path},
		"other leaf":    {Size: size, Root: root, Index: index, Leaf: tlog.RecordHash(entry(301)), Path: path},
		"other root":    {Size: size, Root: oldRoot, Index: index, Leaf: leaf, Path: path},
		"leaf as node":  {Size: size, Root: root, Index: index, Leaf: tlog.NodeHash(leaf, path[0]), Path: path[1:]},
	} {
		if tlog.CheckRecord(one.Path, one.Size, one.Root, one.Index, one.Leaf) == nil {
			continue
		}
		one.What = what
		records = append(records, one)
	}
	proof, err := tlog.ProveTree(size, from, t)
	if err != nil {
		return nil, nil, err
	}
	for what, one := range map[string]invalidConsistency{
		"short path":    {From: from, OldRoot: oldRoot, To: size, NewRoot: root, Path: proof[:len(proof)-1]},
		"long path":     {From: from, OldRoot: oldRoot, To: size, NewRoot: root, Path: append(list(proof), root)},
		"first dropped": {From: from, OldRoot: oldRoot, To: size, NewRoot: root, Path: proof[1:]},
		"other from":    {From: from + 1, OldRoot: oldRoot, To: size, NewRoot: root, Path: proof},
		"power of two":  {From: 256, OldRoot: oldRoot, To: size, NewRoot: root, Path: proof},
		"other to":      {From: from, OldRoot: oldRoot, To: 512, NewRoot: root, Path: proof},
		"roots swapped": {From: from, OldRoot: root, To: size, NewRoot: oldRoot, Path: proof},
		"no path":       {From: from, OldRoot: oldRoot, To: size, NewRoot: root, Path: []tlog.Hash{}},
	} {
		if tlog.CheckTree(one.Path, one.To, one.NewRoot, one.From, one.OldRoot) == nil {
			continue
		}
		one.What = what
		trees = append(trees, one)
	}
	sortByWhat(records, func(one invalidInclusion) string { return one.What })
	sortByWhat(trees, func(one invalidConsistency) string { return one.What })
	return records, trees, nil
}

// list is never null in JSON, and shares nothing with what it copies.
func list(hashes []tlog.Hash) []tlog.Hash {
	return append([]tlog.Hash{}, hashes...)
}
