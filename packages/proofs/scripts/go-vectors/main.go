// Go's own transparency log, to hold this package against: it writes the vectors that the tests read, and
// judges proofs, tiles and notes that a test hands it.
//
//	go run . tlog > ../../../../test/vectors/proofs/tlog.json
//	go run . note > ../../../../test/vectors/proofs/note.json
//	go run . judge < question.json
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	commands := map[string]func() (any, error){"tlog": treeVectors, "note": noteVectors, "judge": judge}
	name := ""
	if len(os.Args) == 2 {
		name = os.Args[1]
	}
	command, ok := commands[name]
	if !ok {
		fail(fmt.Errorf("say which: tlog, note or judge"))
	}
	answer, err := command()
	if err != nil {
		fail(err)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(answer); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
