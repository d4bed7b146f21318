package main

import (
	"encoding/json"
	"fmt"
	"os"

	checkpoint "github.com/transparency-dev/formats/log"
	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Trees []struct {
		Size        int64       `json:"size"`
		Root        tlog.Hash   `json:"root"`
		Index       int64       `json:"index"`
		Inclusion   []tlog.Hash `json:"inclusion"`
		From        int64       `json:"from"`
		OldRoot     tlog.Hash   `json:"oldRoot"`
		Consistency []tlog.Hash `json:"consistency"`
	} `json:"trees"`
	Notes []struct {
		Note   string `json:"note"`
		Origin string `json:"origin"`
		// Keys of type 1; the cosigner's too, which is how the other implementation wants it.
		Log      string `json:"log"`
		Cosigner string `json:"cosigner"`
	} `json:"notes"`
}

type treeAnswer struct {
	treeVector
	// Empty when Go accepts the proofs it was handed.
	Error string     `json:"error"`
	Files []tileFile `json:"files"`
}

type noteAnswer struct {
	Error    string `json:"error"`
	Size     uint64 `json:"size"`
	Verified int    `json:"verified"`
}

// judge checks what it reads from standard input and says what it would have made itself. Trees are of the
// leaves that growTree gives them.
func judge() (any, error) {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return nil, err
	}
	largest := int64(0)
	for _, one := range asked.Trees {
		largest = max(largest, one.Size)
	}
	all, err := growTree(largest)
	if err != nil {
		return nil, err
	}
	answer := struct {
		Trees []treeAnswer `json:"trees"`
		Notes []noteAnswer `json:"notes"`
	}{}
	for _, one := range asked.Trees {
		judged := treeAnswer{}
		judged.Size = one.Size
		judged.Root, _ = tlog.TreeHash(one.Size, all)
		path, _ := tlog.ProveRecord(one.Size, one.Index, all)
		judged.Inclusion = []inclusion{{one.Index, list(path)}}
		proof, _ := tlog.ProveTree(one.Size, one.From, all)
		judged.Consistency = []consistency{{one.From, list(proof)}}
		leaf := tlog.RecordHash(entry(one.Index))
		if err := tlog.CheckRecord(one.Inclusion, one.Size, one.Root, one.Index, leaf); err != nil {
			judged.Error = err.Error()
		}
		if err := tlog.CheckTree(one.Consistency, one.Size, one.Root, one.From, one.OldRoot); err != nil {
			judged.Error = err.Error()
		}
		added, err := all.tilesOf(one.From, one.Size)
		if err != nil {
			return nil, err
		}
		judged.Files = added.Files
		answer.Trees = append(answer.Trees, judged)
	}
	for _, one := range asked.Notes {
		answer.Notes = append(answer.Notes, judgeNote(one.Note, one.Origin, one.Log, one.Cosigner))
	}
	return answer, nil
}

func judgeNote(signed, origin, log, cosigner string) noteAnswer {
	known, err := note.NewVerifier(log)
	if err != nil {
		return noteAnswer{Error: fmt.Sprint("log key: ", err)}
	}
	witness, err := cosign.NewVerifierForCosignatureV1(cosigner)
	if err != nil {
		return noteAnswer{Error: fmt.Sprint("cosigner key: ", err)}
	}
	parsed, _, opened, err := checkpoint.ParseCheckpoint([]byte(signed), origin, known, witness)
	if err != nil {
		return noteAnswer{Error: err.Error()}
	}
	return noteAnswer{Size: parsed.Size, Verified: len(opened.Sigs)}
}
