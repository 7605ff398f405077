-- What a store of schema 3 may hold besides what one of schema 2 may: the checkpoints that came with states.

INSERT INTO anchor_checkpoints VALUES (1, 1, 1700000000000000, 'a checkpoint of the lane');
INSERT INTO checkpoints VALUES (X'00000001010101010101010101010101', 1, 1, 'a checkpoint of the chain');
