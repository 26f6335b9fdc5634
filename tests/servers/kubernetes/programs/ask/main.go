// Command ask sends requests to an API server, many at a time: one JSON object a line on standard input, one answer a
// line, in order. Standard library only.
//
//	ask URL CA-FILE TOKEN [WORKERS]
//	{"method":"POST","path":"/api/v1/namespaces","body":{...},"user":"alice","groups":["devs"]}
//	{"code":201,"body":{...}}
//
// user and groups impersonate. PATCH merges; APPLY is a server-side apply. A line {"wait":true} is answered when all before it are.
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

type question struct {
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Body   json.RawMessage `json:"body"`
	User   string          `json:"user"`
	Groups []string        `json:"groups"`
	Wait   bool            `json:"wait"`
}

type answer struct {
	Code int             `json:"code"`
	Body json.RawMessage `json:"body"`
}

type client struct {
	http       *http.Client
	url, token string
}

func (c *client) ask(q question) (answer, error) {
	r, err := http.NewRequest(q.Method, c.url+q.Path, bytes.NewReader(q.Body))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	switch q.Method {
	case http.MethodPatch:
		r.Header.Set("Content-Type", "application/merge-patch+json")
	case "APPLY":
		r.Method = http.MethodPatch
		r.Header.Set("Content-Type", "application/apply-patch+yaml")
	}
	if q.User != "" {
		r.Header.Set("Impersonate-User", q.User)
		for _, g := range q.Groups {
			r.Header.Add("Impersonate-Group", g)
		}
	}
	got, err := c.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		return answer{}, err
	}
	if !json.Valid(body) {
		body, _ = json.Marshal(string(body))
	}
	return answer{got.StatusCode, body}, nil
}

func run() error {
	if len(os.Args) < 4 {
		return fmt.Errorf("want URL CA-FILE TOKEN [WORKERS]")
	}
	ca, err := os.ReadFile(os.Args[2])
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return fmt.Errorf("%s: no certificate", os.Args[2])
	}
	workers := 16
	if len(os.Args) > 4 {
		if workers, err = strconv.Atoi(os.Args[4]); err != nil || workers < 1 {
			return fmt.Errorf("workers: %q", os.Args[4])
		}
	}
	c := &client{
		http: &http.Client{
			Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true},
			Timeout:   60 * time.Second,
		},
		url: os.Args[1], token: os.Args[3],
	}
	type pending struct {
		done chan struct{}
		a    answer
		err  error
	}
	queue := make(chan *pending, workers)
	wrote := make(chan error, 1)
	go func() {
		out := bufio.NewWriter(os.Stdout)
		enc := json.NewEncoder(out)
		for p := range queue {
			<-p.done
			err := p.err
			if err == nil {
				err = enc.Encode(p.a)
			}
			if err == nil && len(queue) == 0 {
				err = out.Flush()
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, "ask:", err)
				os.Exit(1)
			}
		}
		wrote <- out.Flush()
	}()
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	last := make(chan struct{})
	close(last)
	for {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			p := &pending{done: make(chan struct{})}
			var q question
			if err := json.Unmarshal(line, &q); err != nil {
				return err
			}
			before := last
			all := make(chan struct{})
			last = all
			queue <- p
			if q.Wait {
				<-before
				p.a.Body = json.RawMessage("null")
				close(p.done)
				close(all)
			} else {
				go func() {
					p.a, p.err = c.ask(q)
					close(p.done)
					<-before
					close(all)
				}()
			}
		}
		if err == io.EOF {
			close(queue)
			return <-wrote
		}
		if err != nil {
			return err
		}
	}
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "ask:", err)
		os.Exit(1)
	}
}
