// What Go's golang.org/x/mod/sumdb says of trees, notes and tiles, for tlog_peer.py.
package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type tree struct {
	Root        string     `json:"root"`
	Inclusion   [][]string `json:"inclusion"`
	Consistency [][]string `json:"consistency"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func hexes(hashes []tlog.Hash) []string {
	texts := []string{}
	for _, each := range hashes {
		texts = append(texts, hex.EncodeToString(each[:]))
	}
	return texts
}

// trees prints the root and all proofs of every tree up to a size.
func trees(most int64) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			found[i] = stored[index]
		}
		return found, nil
	})
	all := map[string]tree{}
	for size := int64(0); size <= most; size++ {
		root, err := tlog.TreeHash(size, reader)
		must(err)
		if size == 0 { // this package has zeros there, RFC 6962 the hash of nothing
			all["0"] = tree{"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", [][]string{}, [][]string{}}
		} else {
			found := tree{hex.EncodeToString(root[:]), [][]string{}, [][]string{}}
			for index := int64(0); index < size; index++ {
				proof, err := tlog.ProveRecord(size, index, reader)
				must(err)
				found.Inclusion = append(found.Inclusion, hexes(proof))
				proved, err := tlog.ProveTree(size, index+1, reader)
				must(err)
				found.Consistency = append(found.Consistency, hexes(proved))
			}
			all[strconv.FormatInt(size, 10)] = found
		}
		hashes, err := tlog.StoredHashes(size, []byte(fmt.Sprintf("entry %d", size)), reader)
		must(err)
		stored = append(stored, hashes...)
	}
	must(json.NewEncoder(os.Stdout).Encode(all))
}

// open checks a note by a public key, and prints its text.
func open(vkey string, file string) {
	verifier, err := note.NewVerifier(vkey)
	must(err)
	data, err := os.ReadFile(file)
	must(err)
	opened, err := note.Open(data, note.VerifierList(verifier))
	must(err)
	fmt.Print(opened.Text)
}

// sign makes a key, and prints its public half and a note that it signed.
func sign(text string) {
	skey, vkey, err := note.GenerateKey(rand.Reader, "go.example/log")
	must(err)
	signer, err := note.NewSigner(skey)
	must(err)
	signed, err := note.Sign(&note.Note{Text: text}, signer)
	must(err)
	fmt.Printf("%s\n%s", vkey, signed)
}

type folder struct{ path string }

func (f folder) Height() int                          { return 8 }
func (f folder) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(tiles))
	for i, each := range tiles {
		name := strings.Replace(each.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(f.path, name))
		if err != nil {
			return nil, err
		}
		found[i] = data
	}
	return found, nil
}

// check reads a log's tiles for a checkpoint's tree, and proves every entry and an older tree by them.
func check(path string, text string, before int64) {
	known, err := tlog.ParseTree([]byte("go.sum database tree\n" + strings.SplitN(text, "\n", 2)[1]))
	must(err)
	reader := tlog.TileHashReader(known, folder{path})
	root, err := tlog.TreeHash(known.N, reader)
	must(err)
	if root != known.Hash {
		must(fmt.Errorf("another root"))
	}
	for index := int64(0); index < known.N; index++ {
		_, err := tlog.ProveRecord(known.N, index, reader)
		must(err)
	}
	_, err = tlog.ProveTree(known.N, before, reader)
	must(err)
	fmt.Println("ok")
}

func main() {
	switch os.Args[1] {
	case "trees":
		most, err := strconv.ParseInt(os.Args[2], 10, 64)
		must(err)
		trees(most)
	case "open":
		open(os.Args[2], os.Args[3])
	case "sign":
		sign(os.Args[2])
	case "check":
		before, err := strconv.ParseInt(os.Args[4], 10, 64)
		must(err)
		check(os.Args[2], os.Args[3], before)
	}
}
