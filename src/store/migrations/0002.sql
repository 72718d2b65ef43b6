-- Records of leukoscope, schema 2: whether a network called a picture unlike what it was trained on.
--
-- Every column is NULL where the network could not say, and so in all rows from before.

-- `flagged`: `unlike` was past the network's threshold.
ALTER TABLE predictions ADD COLUMN flagged INTEGER CHECK (flagged IN (0, 1));

-- As the network in use at the signature said of the cell.
ALTER TABLE signed_decisions ADD COLUMN unlike REAL;
ALTER TABLE signed_decisions ADD COLUMN flagged INTEGER CHECK (flagged IN (0, 1));
