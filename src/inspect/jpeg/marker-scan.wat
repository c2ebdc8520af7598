;; The next FF D8 (start of a picture) or FF D9 (its end) of which both bytes lie in [at, end); -1: there is none.
;; 64 bytes at a time: each byte is held against FF, and the one behind it, without its lowest bit, against D8.
(module
  (memory (export "memory") 8)
  (func (export "nextMarker") (param $at i32) (param $end i32) (result i32)
    (local $ff v128) (local $fe v128) (local $d8 v128) (local $mask i32)
    (local.set $ff (i8x16.splat (i32.const 0xff)))
    (local.set $fe (i8x16.splat (i32.const 0xfe)))
    (local.set $d8 (i8x16.splat (i32.const 0xd8)))
    ;; Ends where one of these 64 bytes begins a marker, or where fewer than 65 are left.
    (block $rest
      (loop $wide
        (br_if $rest (i32.gt_u (i32.add (local.get $at) (i32.const 65)) (local.get $end)))
        (if (v128.any_true
          (v128.or
            (v128.or
              (v128.and
                (i8x16.eq (v128.load (local.get $at)) (local.get $ff))
                (i8x16.eq (v128.and (v128.load offset=1 (local.get $at)) (local.get $fe)) (local.get $d8)))
              (v128.and
                (i8x16.eq (v128.load offset=16 (local.get $at)) (local.get $ff))
                (i8x16.eq (v128.and (v128.load offset=17 (local.get $at)) (local.get $fe)) (local.get $d8))))
            (v128.or
              (v128.and
                (i8x16.eq (v128.load offset=32 (local.get $at)) (local.get $ff))
                (i8x16.eq (v128.and (v128.load offset=33 (local.get $at)) (local.get $fe)) (local.get $d8)))
              (v128.and
                (i8x16.eq (v128.load offset=48 (local.get $at)) (local.get $ff))
                (i8x16.eq (v128.and (v128.load offset=49 (local.get $at)) (local.get $fe)) (local.get $d8))))))
          (then (br $rest)))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br $wide)))
    ;; Byte by byte.
    (loop $narrow
      (if (i32.ge_u (i32.add (local.get $at) (i32.const 1)) (local.get $end)) (then (return (i32.const -1))))
      (if (i32.eq (i32.and (i32.load16_u (local.get $at)) (i32.const 0xfeff)) (i32.const 0xd8ff))
        (then (return (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $narrow))
    (unreachable)))
