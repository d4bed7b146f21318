package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	cosign "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type noteKey struct {
	Name   string `json:"name"`
	Secret string `json:"secret"`
	VKey   string `json:"vkey"`
	Alg    string `json:"algorithm"`
}

type validNote struct {
	What     string   `json:"what"`
	Text     string   `json:"text"`
	Signers  []string `json:"signers"`
	Note     string   `json:"note"`
	Known    []string `json:"known"`
	Verified []string `json:"verified"`
}

type invalidNote struct {
	What  string   `json:"what"`
	Hex   string   `json:"hex"`
	Known []string `json:"known"`
	// What Go says of it.
	Error string `json:"error"`
}

type checkpointText struct {
	Text   string    `json:"text"`
	Origin string    `json:"origin"`
	Size   int64     `json:"size"`
	Root   tlog.Hash `json:"root"`
}

func noteVectors() (any, error) {
	answer := struct {
		About       string           `json:"about"`
		Keys        []noteKey        `json:"keys"`
		Notes       []validNote      `json:"notes"`
		Cosigned    []validNote      `json:"cosigned"`
		Invalid     []invalidNote    `json:"invalid"`
		BadKeys     []string         `json:"badKeys"`
		Checkpoints []checkpointText `json:"checkpoints"`
	}{About: "Written by golang.org/x/mod/sumdb/note and, cosigned, by github.com/transparency-dev/formats, which takes the time of writing. Secrets are hex of 32 bytes and of no use elsewhere. invalid: what Go refuses, with its reason."}
	names := []string{"log.example/one", "log.example/two", "witness.example/w1", "wörterbuch.example/日本"}
	signers := map[string]note.Signer{}
	verifiers := map[string]note.Verifier{}
	for i, name := range names {
		seed := sha256.Sum256(fmt.Appendf(nil, "halo vector key %d", i))
		skey, vkey := encodeKey(name, seed[:])
		signer, err := note.NewSigner(skey)
		if err != nil {
			return nil, err
		}
		verifier, err := note.NewVerifier(vkey)
		if err != nil {
			return nil, err
		}
		signers[name], verifiers[name] = signer, verifier
		answer.Keys = append(answer.Keys, noteKey{name, hex.EncodeToString(seed[:]), vkey, "ed25519"})
	}
	cases := []struct {
		what, text     string
		signers, known []string
	}{
		{"one signature", "This is a text.\n", names[:1], names[:1]},
		{"two, both known", "Two.\n", names[:2], names[:2]},
		{"three, one known", "Three\nlines\n", names[:3], names[1:2]},
		{"blank lines in the text", "a\n\n\nb\n\n", names[:1], names[:1]},
		{"only a newline", "\n", names[:1], names[:1]},
		{"characters beyond ASCII", "Größe: 37 °C, 体温\n", names[3:], names[3:]},
		{"a text that looks like a signature", "— log.example/one AAAAAAAA\n", names[:1], names[:1]},
	}
	for _, one := range cases {
		used := []note.Signer{}
		for _, name := range one.signers {
			used = append(used, signers[name])
		}
		signed, err := note.Sign(&note.Note{Text: one.text}, used...)
		if err != nil {
			return nil, err
		}
		opened, err := open(signed, one.known, verifiers)
		if err != nil {
			return nil, err
		}
		answer.Notes = append(answer.Notes, validNote{one.what, one.text, one.signers, string(signed), one.known, namesOf(opened)})
	}
	answer.Invalid = invalidNotes(answer.Notes, names, verifiers)
	answer.BadKeys = badKeys(answer.Keys[0].VKey)
	for _, size := range []int64{0, 1, 5000, 1 << 40} {
		root := tlog.RecordHash(entry(size))
		answer.Checkpoints = append(answer.Checkpoints, checkpointText{string(tlog.FormatTree(tlog.Tree{N: size, Hash: root})), "go.sum database tree", size, root})
	}
	cosigned, key, err := cosignedNote(answer.Checkpoints[2].Text, signers[names[0]])
	answer.Cosigned = append(answer.Cosigned, cosigned)
	answer.Keys = append(answer.Keys, key)
	return answer, err
}

// cosignedNote is a checkpoint that a log has signed and the witness of another implementation cosigned.
func cosignedNote(text string, log note.Signer) (validNote, noteKey, error) {
	name := "witness.example/go"
	seed := sha256.Sum256([]byte("halo vector cosigner"))
	skey, _ := encodeKey(name, seed[:])
	witness, err := cosign.NewSignerForCosignatureV1(skey)
	if err != nil {
		return validNote{}, noteKey{}, err
	}
	text = strings.Replace(text, "go.sum database tree", log.Name(), 1)
	signed, err := note.Sign(&note.Note{Text: text}, log, witness)
	typed := append([]byte{4}, ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey)...)
	vkey := formatKey(name, typed, typed)
	both := []string{log.Name(), name}
	return validNote{"cosigned", text, both, string(signed), both, both}, noteKey{name, hex.EncodeToString(seed[:]), vkey, "cosignature/v1"}, err
}

// invalidNotes are altered notes, those kept that Go refuses.
func invalidNotes(valid []validNote, names []string, verifiers map[string]note.Verifier) (refused []invalidNote) {
	good := valid[0].Note
	line := strings.Split(good, "\n")[2]
	altered := map[string]string{
		"nothing":                     "",
		"no signature":                "This is a text.\n",
		"no blank line":               "This is a text.\n" + line + "\n",
		"no newline at the end":       good[:len(good)-1],
		"another text":                strings.Replace(good, "text", "test", 1),
		"control character":           strings.Replace(good, "This", "Th\tis", 1),
		"carriage return":             strings.ReplaceAll(good, "\n", "\r\n"),
		"NUL":                         strings.Replace(good, "This", "Th\x00is", 1),
		"invalid UTF-8":               strings.Replace(good, "This", "Th\xffis", 1),
		"hyphen for a dash":           strings.Replace(good, "—", "-", 1),
		"no space":                    strings.Replace(good, "— ", "—", 1),
		"no base64":                   strings.Replace(good, line[len(line)-20:], "!!!!", 1),
		"signature of 4 bytes":        "x\n\n— log.example/one AAAAAA==\n",
		"name with a plus":            strings.Replace(good, "log.example/one", "log+example", 1),
		"name with a no-break space":  strings.Replace(good, "log.example/one", "log\u00a0example", 1),
		"no name":                     strings.Replace(good, "log.example/one ", " ", 1),
		"a line after the signatures": good + "more\n",
		"blank line at the end":       good + "\n",
		"signature of another":        strings.Replace(good, "log.example/one", "log.example/two", 1),
		"only unknown keys":           valid[1].Note,
	}
	for what, text := range altered {
		known := names[:1]
		if what == "only unknown keys" {
			known = names[2:3]
		}
		if _, err := open([]byte(text), known, verifiers); err != nil {
			refused = append(refused, invalidNote{what, hex.EncodeToString([]byte(text)), known, err.Error()})
		}
	}
	sortByWhat(refused, func(one invalidNote) string { return one.What })
	return refused
}

// badKeys are altered verifier keys, those kept that Go refuses.
func badKeys(vkey string) (refused []string) {
	parts := strings.SplitN(vkey, "+", 3)
	for _, key := range []string{
		"", "a+b", parts[0], parts[0] + "+" + parts[1], vkey[:len(vkey)-4], vkey + "AAAA",
		"other.example+" + parts[1] + "+" + parts[2],
		parts[0] + "+00000000+" + parts[2],
		parts[0] + "+" + parts[1][:7] + "+" + parts[2],
		" " + vkey, "+" + parts[1] + "+" + parts[2],
		formatKey("log.example/one", []byte{9, 1, 2, 3}, []byte{9, 1, 2, 3}),
	} {
		if _, err := note.NewVerifier(key); err != nil {
			refused = append(refused, key)
		}
	}
	return refused
}

func open(signed []byte, known []string, verifiers map[string]note.Verifier) (*note.Note, error) {
	list := []note.Verifier{}
	for _, name := range known {
		list = append(list, verifiers[name])
	}
	return note.Open(signed, note.VerifierList(list...))
}

func namesOf(opened *note.Note) (names []string) {
	for _, signature := range opened.Sigs {
		names = append(names, signature.Name)
	}
	return names
}

// encodeKey writes both halves of an Ed25519 key the way note reads them.
func encodeKey(name string, seed []byte) (skey, vkey string) {
	public := append([]byte{1}, ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)...)
	return "PRIVATE+KEY+" + formatKey(name, public, append([]byte{1}, seed...)), formatKey(name, public, public)
}

func formatKey(name string, public, shown []byte) string {
	sum := sha256.Sum256(append([]byte(name+"\n"), public...))
	return fmt.Sprintf("%s+%08x+%s", name, binary.BigEndian.Uint32(sum[:]), base64.StdEncoding.EncodeToString(shown))
}

func sortByWhat[T any](list []T, what func(T) string) {
	slices.SortFunc(list, func(a, b T) int { return strings.Compare(what(a), what(b)) })
}
