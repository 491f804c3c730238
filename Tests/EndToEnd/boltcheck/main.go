// Boltcheck opens bolt files with the original library and says whether it finds them sound.
//
//	boltcheck FILE…          checks every page, then prints buckets and keys as hexadecimal
//	boltcheck -make FILE     writes a file with nested, inline and large buckets for others to read
package main

import (
	"fmt"
	"os"

	"go.etcd.io/bbolt"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "-make" {
		exit(write(os.Args[2]))
	}
	for _, path := range os.Args[1:] {
		if err := check(path); err != nil {
			exit(fmt.Errorf("%s: %w", path, err))
		}
	}
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func check(path string) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer db.Close()
	return db.View(func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			return err
		}
		return tx.ForEach(func(name []byte, bucket *bbolt.Bucket) error { return dump(fmt.Sprintf("%x", name), bucket) })
	})
}

func dump(prefix string, bucket *bbolt.Bucket) error {
	fmt.Printf("%s/ sequence=%d\n", prefix, bucket.Sequence())
	return bucket.ForEach(func(key, value []byte) error {
		if value == nil {
			return dump(fmt.Sprintf("%s/%x", prefix, key), bucket.Bucket(key))
		}
		fmt.Printf("%s/%x=%x\n", prefix, key, value)
		return nil
	})
}

func write(path string) error {
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.Update(func(tx *bbolt.Tx) error {
		inline, err := tx.CreateBucketIfNotExists([]byte("inline"))
		if err != nil {
			return err
		}
		if err := inline.Put([]byte("key"), []byte("value")); err != nil {
			return err
		}
		large, err := tx.CreateBucketIfNotExists([]byte("large"))
		if err != nil {
			return err
		}
		for i := 0; i < 20000; i++ {
			if err := large.Put([]byte(fmt.Sprintf("key-%08d", i)), []byte(fmt.Sprintf("value-%d", i*i))); err != nil {
				return err
			}
		}
		if err := large.Put([]byte("overflowing"), make([]byte, 50000)); err != nil {
			return err
		}
		nested, err := large.CreateBucketIfNotExists([]byte("nested"))
		if err != nil {
			return err
		}
		if err := nested.SetSequence(42); err != nil {
			return err
		}
		return nested.Put([]byte("deep"), []byte("down"))
	})
}
